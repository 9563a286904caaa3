/** Providers, connections and where their credentials are kept, as this window last read them. */
import * as commands from "../backend/commands";
import type { AppEvent, ConnectionId, ConnectionView } from "../backend/types";
import { Resource } from "../shared/resource.svelte";

class Connections {
  readonly providers = new Resource(commands.providers);
  readonly list = new Resource(commands.connections);
  readonly vault = new Resource(commands.vault);

  find(id: ConnectionId | null | undefined): ConnectionView | undefined {
    return this.list.value?.find((connection) => connection.id === id);
  }

  async load(): Promise<void> {
    await Promise.all([this.providers.refresh(), this.list.refresh(), this.vault.refresh()]);
  }

  hear(event: AppEvent): void {
    switch (event.kind) {
      case "connections_changed":
        void this.list.refresh();
        break;
      case "models_changed":
        // Its number of models and its last check may have changed with it.
        void this.list.refresh();
        break;
      case "vault_changed":
        void this.vault.refresh();
        break;
      case "everything":
        void this.load();
        break;
      default:
    }
  }
}

export const connections = new Connections();
