//! The gate in front of a streamed answer: the test itself pushes the pieces, so that no test of streaming needs time.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Lets pieces of answers through, as many as it is told. Once opened it stays open.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    pub(super) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets `pieces` more through.
    pub fn release(&self, pieces: usize) {
        self.0.add_permits(pieces);
    }

    /// Lets everything through from now on.
    pub fn open(&self) {
        self.0.close();
    }

    /// Waits for the turn of one piece.
    pub(super) async fn pass(&self) {
        // A closed semaphore is an open gate.
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}
