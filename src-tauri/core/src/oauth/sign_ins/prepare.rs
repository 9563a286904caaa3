//! The authorization request of one attempt and one return: random values, redirect URI, and the page on this machine.

use std::sync::Arc;

use super::SignIns;
use crate::ids::{ConnectionId, ProviderId, SignInId};
use crate::oauth::attempt::Live;
use crate::oauth::loopback::{self, Bound, Expected, PortsTaken};
use crate::oauth::pending::{LIFE, Pending};
use crate::oauth::{Arrival, ReturnKind, SignInError, authorize, pkce};
use crate::providers::{SignInDefinition, Strategy};
use crate::time::Timestamp;
use crate::words;

/// What is asked for.
pub(super) struct Request {
    pub(super) id: SignInId,
    pub(super) provider: ProviderId,
    pub(super) provider_name: String,
    pub(super) definition: Arc<SignInDefinition>,
    pub(super) reconnect: Option<ConnectionId>,
    pub(super) started_at: Timestamp,
}

/// What is ready for the browser.
pub(super) struct Prepared {
    pub(super) live: Live,
    /// The return to show; another than asked for when that one is not possible.
    pub(super) kind: ReturnKind,
    /// Why it is another, in words.
    pub(super) remark: Option<String>,
}

/// Where the response is to go.
struct Route {
    kind: ReturnKind,
    redirect: Redirect,
    remark: Option<String>,
}

enum Redirect {
    Link,
    Listening(Bound),
    /// An address where nobody answers: the browser shows it, for the person to copy.
    Deserted(u16),
}

impl SignIns {
    pub(super) async fn prepare(&self, request: &Request, kind: ReturnKind) -> Result<Prepared, SignInError> {
        let definition = &request.definition;
        let route = route(definition, &request.provider_name, kind).await;
        // A new state and verifier for every redirect URI: they are bound to each other.
        let (state, verifier) = (pkce::random()?, pkce::random()?);
        let path = authorize::loopback_path(definition, &state);
        let (redirect_kind, redirect_uri) = match &route.redirect {
            Redirect::Link => (ReturnKind::DeepLink, authorize::link_uri(&self.options.scheme, &request.provider)),
            Redirect::Listening(Bound { port, .. }) | Redirect::Deserted(port) => {
                (ReturnKind::Loopback, authorize::loopback_uri(&definition.loopback, *port, &path))
            }
        };
        let pending = Pending {
            id: request.id,
            provider: request.provider.clone(),
            reconnect: request.reconnect,
            state,
            verifier,
            redirect_kind,
            redirect_uri,
            started_at: request.started_at,
            expires_at: request.started_at + LIFE,
        };
        let page = authorize::page(definition, &request.provider_name, &pending)?;
        let loopback = match route.redirect {
            Redirect::Listening(bound) => {
                let expected = Expected {
                    path,
                    state: pending.state.clone(),
                    state_in_path: definition.strategy == Strategy::KeyExchange,
                    focus: format!("{}:/focus", self.options.scheme),
                };
                let (arrivals, provider) = (self.arrivals.0.clone(), request.provider.clone());
                Some(bound.serve(expected, move |response| {
                    let arrival = Arrival { kind: ReturnKind::Loopback, provider: Some(provider.clone()), response };
                    arrivals.try_send(arrival).is_ok()
                }))
            }
            Redirect::Link | Redirect::Deserted(_) => None,
        };
        let live = Live {
            pending,
            definition: definition.clone(),
            page,
            code: None,
            exchanging: false,
            by_hand: false,
            loopback,
        };
        Ok(Prepared { live, kind: route.kind, remark: route.remark })
    }
}

async fn route(definition: &SignInDefinition, provider_name: &str, kind: ReturnKind) -> Route {
    let accepted = authorize::returns(definition);
    let takes_link = accepted.contains(&ReturnKind::DeepLink);
    let by_page = match kind {
        ReturnKind::DeepLink => false,
        ReturnKind::Loopback => true,
        // A browser shows the address of a page, but rarely that of a link that it could not open.
        ReturnKind::Paste => accepted.contains(&ReturnKind::Loopback) || definition.strategy == Strategy::KeyExchange,
    };
    if !by_page {
        return Route { kind, redirect: Redirect::Link, remark: None };
    }
    let deserted = || Redirect::Deserted(definition.loopback.ports.first().copied().unwrap_or(49_152));
    let remark = |id| Some(words::say_with(id, &[("provider", provider_name)]));
    match loopback::bind(&definition.loopback).await {
        Ok(bound) => Route { kind, redirect: Redirect::Listening(bound), remark: None },
        Err(PortsTaken) if kind == ReturnKind::Loopback && takes_link => {
            Route { kind: ReturnKind::DeepLink, redirect: Redirect::Link, remark: remark("sign-in-ports-taken-link") }
        }
        Err(PortsTaken) => {
            Route { kind: ReturnKind::Paste, redirect: deserted(), remark: remark("sign-in-ports-taken") }
        }
    }
}
