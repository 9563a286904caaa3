/** Everything the model dropdown shows, as this window last read it. */
import * as commands from "../backend/commands";
import type { AppEvent } from "../backend/types";
import { Resource } from "../shared/resource.svelte";

class Models {
  readonly picker = new Resource(commands.picker);

  hear(event: AppEvent): void {
    switch (event.kind) {
      case "models_changed":
      case "default_model_changed":
      case "connections_changed":
      case "everything":
        void this.picker.refresh();
        break;
      default:
    }
  }
}

export const models = new Models();
