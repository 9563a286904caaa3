//! npm `@copilotkit/aimock`: model endpoints on the common wires, with answers from a fixture.

use super::node::Node;
use crate::Result;

/// A running `aimock`.
pub struct Aimock {
    _node: Node,
    address: String,
}

impl Aimock {
    /// Starts it on a port of its own; it answers everything with `content`, after `reasoning` if there is any.
    pub async fn start(content: &str, reasoning: Option<&str>) -> Result<Self> {
        let fixture = serde_json::json!({"content": content, "reasoning": reasoning});
        let node = Node::start("aimock.mjs", &["--response".to_owned(), fixture.to_string()]).await?;
        let address = node.says("address")?;
        Ok(Self { _node: node, address })
    }

    /// Where its OpenAI-shaped endpoints are: `http://127.0.0.1:<port>/v1`.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.address)
    }
}
