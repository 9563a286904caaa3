//! The person's browser, played over HTTP: follows pages, fills in forms and goes where it is sent.
//!
//! It runs no script; the consent pages that it meets (the sandbox's and those of `oidc-provider`) need none.

use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode};
use url::Url;

use crate::html::{Tag, tags};
use crate::{Context, Result, bail, http};

/// More pages than this is a loop.
const PAGES: usize = 20;

/// What the person answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Allow, as this account: `ada@sandbox.example`, or any name where the server asks for one.
    Allow {
        /// The account.
        account: String,
    },
    /// Say no.
    Deny,
}

impl Consent {
    /// Allow as this account.
    pub fn allow(account: &str) -> Self {
        Self::Allow { account: account.to_owned() }
    }
}

/// Where the browser was sent at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo {
    /// The address: a link with the application's scheme, or one of its loopback page.
    pub url: String,
    /// The loopback page, as it was answered.
    pub page: Option<String>,
}

/// One browser with its cookies.
pub struct Browser {
    client: reqwest::Client,
}

impl Browser {
    /// A browser without a past.
    pub fn new() -> Result<Self> {
        Ok(Self { client: http::client()? })
    }

    /// Goes through a sign-in, up to and with the return to the application. A link is only reported: opening it is
    /// the desktop's part.
    pub async fn authorize(&self, authorize_url: &str, consent: &Consent) -> Result<ReturnTo> {
        let returned = self.consent(authorize_url, consent).await?;
        let page = if returned.starts_with("http://") {
            let response = self.client.get(&returned).send().await.context("the loopback page")?;
            Some(response.text().await.context("the loopback page")?)
        } else {
            None
        };
        Ok(ReturnTo { url: returned, page })
    }

    /// The same without the last step: where the browser would be sent.
    pub async fn consent(&self, authorize_url: &str, consent: &Consent) -> Result<String> {
        let mut here = Url::parse(authorize_url).context("the authorization request is no address")?;
        let home = here.origin();
        let mut response = self.client.get(here.clone()).send().await.context("the authorization page")?;
        for _ in 0..PAGES {
            if let Some(location) = response.headers().get(LOCATION) {
                let location = location.to_str().context("a redirect that is no text")?;
                let next = here.join(location).context("a redirect that is no address")?;
                if next.origin() != home {
                    // As it was sent: what the scheme's owner gets is not tidied up.
                    return Ok(location.to_owned());
                }
                response = self.client.get(next.clone()).send().await.context("the next page")?;
                here = next;
            } else {
                let status = response.status();
                let page = response.text().await.context("a page")?;
                if status != StatusCode::OK {
                    bail!("the server says {status}: {page}");
                }
                (here, response) = self.answer(&here, &page, consent).await?;
            }
        }
        bail!("the sign-in goes in circles")
    }

    /// Fills in the form of a page as the person would.
    async fn answer(&self, here: &Url, page: &str, consent: &Consent) -> Result<(Url, Response)> {
        let tags = tags(page);
        let form = tags.iter().find(|tag| tag.name == "form").context("a page without a form")?;
        let abort = tags.iter().filter_map(|tag| tag.attribute("href")).find(|address| address.ends_with("/abort"));
        if let (Consent::Deny, Some(abort)) = (consent, abort) {
            let next = here.join(abort)?;
            let response = self.client.get(next.clone()).send().await.context("the abort link")?;
            return Ok((next, response));
        }
        let action = here.join(form.attribute("action").unwrap_or_default())?;
        let fields = fill(&tags, consent);
        let response = self.client.post(action.clone()).form(&fields).send().await.context("a form")?;
        Ok((action, response))
    }
}

fn fill(tags: &[Tag], consent: &Consent) -> Vec<(String, String)> {
    let account = if let Consent::Allow { account } = consent { account.as_str() } else { "nobody" };
    let decision = if *consent == Consent::Deny { "deny" } else { "allow" };
    let mut fields = Vec::new();
    for tag in tags {
        let (Some(name), value) = (tag.attribute("name"), tag.attribute("value").unwrap_or_default()) else { continue };
        let value = match (tag.name.as_str(), tag.attribute("type").unwrap_or("text")) {
            ("input", "hidden") => value,
            ("input", "radio") if value == account => value,
            ("input", "text") => account,
            ("input", "password") => "any password",
            ("button", _) if value == decision => value,
            _ => continue,
        };
        fields.push((name.to_owned(), value.to_owned()));
    }
    fields
}
