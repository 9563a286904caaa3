//! A thread that owns one database connection and runs closures on it in order.

use std::sync::mpsc;
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::StoreError;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The thread; it ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub(super) struct Worker(mpsc::Sender<Job>);

impl Worker {
    pub(super) fn start(name: &str, mut connection: Connection) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            for job in queue {
                job(&mut connection);
            }
        })?;
        Ok(Self(jobs))
    }

    /// Queues `work` at once, so that calls made one after another run in that order; then waits for its answer.
    pub(super) fn run<T, F>(&self, work: F) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let queued = self.0.send(Box::new(move |connection| {
            let _ = answer.send(work(connection));
        }));
        async move {
            queued.map_err(|_| StoreError::Closed)?;
            answered.await.map_err(|_| StoreError::Closed)?
        }
    }
}
