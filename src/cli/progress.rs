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

/// Hidden until the run has taken a second, even within its first spec; and where nobody looks,
/// for good.
pub(super) struct Progress {
    bar: ProgressBar,
    done: Sender<()>,
    clock: JoinHandle<()>,
}

impl Progress {
    pub(super) fn start(specs: usize) -> Progress {
        let length = u64::try_from(specs).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        let template = "{bar:40} {pos}/{len} specs, {elapsed}";
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        let (done, waiting) = channel();
        let shown = bar.clone();
        let clock = std::thread::spawn(move || {
            if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                // Between specs nothing else would draw it.
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

    /// What to call after each spec.
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
