//! Waiting for what announces itself to nobody: a file that appears, a page that changes.
//!
//! Where there is an event (a captured request, a signal on the bus) that is awaited instead.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{Result, bail};

/// How long a step may take before it counts as failed. Long, because a busy machine is not a fault.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How often the state is looked at.
const INTERVAL: Duration = Duration::from_millis(25);

/// Asks again and again until there is an answer; `what` says what was waited for.
pub async fn until<T, F>(what: &str, patience: Duration, mut ask: F) -> Result<T>
where
    F: AsyncFnMut() -> Result<Option<T>>,
{
    let end = Instant::now() + patience;
    loop {
        let answer = ask().await;
        match answer {
            Ok(Some(value)) => return Ok(value),
            Err(failure) if Instant::now() >= end => {
                return Err(failure.context(format!("waited {} s for {what}", patience.as_secs())));
            }
            Ok(None) if Instant::now() >= end => bail!("waited {} s for {what}", patience.as_secs()),
            _ => sleep(INTERVAL).await,
        }
    }
}
