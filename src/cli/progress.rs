//! A bar on the terminal for runs that take more than a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a run stays silent.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the time on the bar moves.
const TICK: Duration = Duration::from_millis(200);

/// Hidden until the run has taken a second, even within the first of many; and where nobody looks,
/// for good.
pub(super) struct Progress {
    bar: ProgressBar,
    done: Sender<()>,
    clock: JoinHandle<()>,
}

impl Progress {
    /// A bar over so many things of a name, in the plural.
    pub(super) fn of(count: usize, things: &str) -> Progress {
        let length = u64::try_from(count).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        let template = format!("{{bar:40}} {{pos}}/{{len}} {things}, {{elapsed}}");
        let bar = match ProgressStyle::with_template(&template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        let (done, waiting) = channel();
        let shown = bar.clone();
        let clock = std::thread::spawn(move || {
            if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                // Between two of them nothing else would draw it.
                loop {
                    shown.tick();
                    if waiting.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
                        break;
                    }
                }
            }
        });
        Progress { bar, done, clock }
    }

    /// The bar, for a length that becomes known later.
    pub(super) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// What to call after each of them.
    pub(super) fn tick(&self) -> Arc<dyn Fn() + Send + Sync> {
        let bar = self.bar.clone();
        Arc::new(move || bar.inc(1))
    }

    pub(super) fn finish(self) {
        drop(self.done);
        // A clock that fell over has nothing to say about the run.
        let _ = self.clock.join();
        self.bar.finish_and_clear();
    }
}
