//! Controls of the current window, by role and accessible name.
//!
//! The name is compared whole, not in part. A step waits until its control is there; where a control was redrawn
//! between finding and using it, the step is tried again.

use serde_json::{Value, json};
use thirtyfour::common::keys::TypingData;
use thirtyfour::{Key, WebElement};

use super::App;
use crate::{Context, PATIENCE, Result, until};

/// Finds elements by role and name; see the file.
const SCRIPT: &str = include_str!("controls.js");

impl App<'_> {
    /// The controls with this role and, if given, this name, that are shown.
    pub async fn all_by_role(&self, role: &str, name: Option<&str>) -> Result<Vec<WebElement>> {
        let found = self.driver()?.execute(SCRIPT, vec![json!("find"), json!(role), json!(name)]).await?;
        Ok(found.elements()?)
    }

    /// The control with this role and name, if it is shown.
    pub async fn by_role(&self, role: &str, name: &str) -> Result<Option<WebElement>> {
        Ok(self.all_by_role(role, Some(name)).await?.into_iter().next())
    }

    /// Waits for the control with this role and name.
    pub async fn wait_for_role(&self, role: &str, name: &str) -> Result<WebElement> {
        until(&format!("{role}: {name}"), PATIENCE, async || self.by_role(role, name).await).await
    }

    /// Waits until no control has this role and name.
    pub async fn wait_until_gone(&self, role: &str, name: &str) -> Result<()> {
        let what = format!("the end of {role}: {name}");
        until(&what, PATIENCE, async || Ok(self.by_role(role, name).await?.is_none().then_some(()))).await
    }

    /// The names of all controls with this role, in the order of the page.
    pub async fn names(&self, role: &str) -> Result<Vec<String>> {
        self.strings("names", role, None).await
    }

    /// The values of all controls with this role and, if given, this name: what a combobox shows, what a textbox
    /// holds, the text of anything else.
    pub async fn values(&self, role: &str, name: Option<&str>) -> Result<Vec<String>> {
        self.strings("values", role, name).await
    }

    /// The value of the control with this role and name; waits for it.
    pub async fn value(&self, role: &str, name: &str) -> Result<String> {
        until(&format!("{role}: {name}"), PATIENCE, async || {
            Ok(self.values(role, Some(name)).await?.into_iter().next())
        })
        .await
    }

    /// Waits until the control with this role and name has a value that satisfies the condition, and gives it.
    pub async fn wait_for_value(&self, role: &str, name: &str, condition: impl Fn(&str) -> bool) -> Result<String> {
        until(&format!("the right value of {role}: {name}"), PATIENCE, async || {
            Ok(self.values(role, Some(name)).await?.into_iter().find(|value| condition(value)))
        })
        .await
    }

    async fn strings(&self, order: &str, role: &str, name: Option<&str>) -> Result<Vec<String>> {
        let found = self.script(SCRIPT, vec![json!(order), json!(role), json!(name)]).await?;
        let strings = found.as_array().context("a list of names")?;
        Ok(strings.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Clicks the control with this role and name.
    pub async fn click(&self, role: &str, name: &str) -> Result<()> {
        until(&format!("a click on {role}: {name}"), PATIENCE, async || {
            let Some(control) = self.by_role(role, name).await? else { return Ok(None) };
            control.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Opens the combobox with this name and clicks the option with that one.
    pub async fn choose(&self, combobox: &str, option: &str) -> Result<()> {
        self.click("combobox", combobox).await?;
        self.click("option", option).await
    }

    /// Replaces what the control with this role and name holds.
    pub async fn fill(&self, role: &str, name: &str, text: &str) -> Result<()> {
        let control = self.wait_for_role(role, name).await?;
        control.clear().await.with_context(|| format!("emptying {role}: {name}"))?;
        control.send_keys(text).await.with_context(|| format!("typing into {role}: {name}"))
    }

    /// Types into the control with this role and name, key by key.
    pub async fn type_into(&self, role: &str, name: &str, keys: impl Into<TypingData>) -> Result<()> {
        let control = self.wait_for_role(role, name).await?;
        control.send_keys(keys).await.with_context(|| format!("typing into {role}: {name}"))
    }

    /// Presses a key where the focus is, with others held down meanwhile.
    pub async fn press(&self, held: &[Key], key: impl Into<char>) -> Result<()> {
        let driver = self.driver()?;
        let mut chain = driver.action_chain();
        for modifier in held {
            chain = chain.key_down(modifier.clone());
        }
        chain = chain.send_keys(key.into().to_string());
        for modifier in held {
            chain = chain.key_up(modifier.clone());
        }
        chain.perform().await.context("a key")
    }

    /// The name of the control that has the focus.
    pub async fn focused(&self) -> Result<String> {
        let name = self.script(SCRIPT, vec![json!("focused")]).await?;
        Ok(name.as_str().unwrap_or_default().to_owned())
    }
}
