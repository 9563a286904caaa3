//! What a call of `Pool::credential` costs when the access token is cached and has time left; part of
//! `cargo xtask bench`.

#![expect(clippy::print_stdout, reason = "the figure is what this program is for")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use patchbay_core::event::Events;
use patchbay_core::http;
use patchbay_core::ids::SignInId;
use patchbay_core::oauth::SignedIn;
use patchbay_core::pool::{Pool, PoolOptions};
use patchbay_core::ports::{Clock, SystemClock};
use patchbay_core::providers::Catalogue;
use patchbay_core::store::Store;
use patchbay_core::vault::{Credential, Memory, OAuthTokens, Secret, Vault};

/// Calls are too short to be timed one by one.
const BATCH: u32 = 1_000;
const BATCHES: usize = 1_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let events = Events::default();
    let (catalogue, _) = Catalogue::load(folder.path(), true);
    let pool = Pool::open(PoolOptions {
        store: Store::open(folder.path())?,
        vault: Vault::new(Arc::new(Memory::default()), events.clone()),
        http: http::client()?,
        clock: Arc::new(SystemClock),
        events,
        catalogue: Arc::new(catalogue),
    })
    .await?;
    let connection = pool
        .adopt(&SignedIn {
            sign_in: SignInId::new(),
            provider: "sandbox".parse()?,
            reconnect: None,
            credential: Credential::OAuth(OAuthTokens {
                access_token: Secret::new("access-token"),
                refresh_token: Some(Secret::new("refresh-token")),
                expires_at: Some(SystemClock.now() + Duration::from_hours(1)),
                scope: None,
            }),
            account: None,
        })
        .await?;
    pool.credential(connection).await?;

    let mut batches = Vec::with_capacity(BATCHES);
    for _ in 0..BATCHES {
        let started = Instant::now();
        for _ in 0..BATCH {
            std::hint::black_box(pool.credential(std::hint::black_box(connection)).await?);
        }
        batches.push(started.elapsed() / BATCH);
    }
    batches.sort_unstable();
    let microseconds = |batch: Option<&Duration>| batch.map_or(0.0, |batch| batch.as_secs_f64() * 1e6);
    let (median, slowest) = (microseconds(batches.get(BATCHES / 2)), microseconds(batches.last()));
    println!(
        "pool.credential, cached: {median:.2} µs (slowest of {BATCHES} batches of {BATCH} calls: {slowest:.2} µs)"
    );
    Ok(())
}
