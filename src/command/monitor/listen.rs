//! `monitor --listen`: looks when somebody scrapes.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;

use super::Monitor;
use crate::admin::Admin;
use crate::command::signals::Signals;
use crate::command::{Exit, Failure};
use crate::monitor::exposition::{self, Exporter};
use crate::monitor::serve::{Access, Board, Page, Server};
use crate::monitor::{Part, Progress, View};

impl Monitor<'_, '_> {
    /// A look is taken when a scrape wants one and the last is older than the interval. The first is taken at once,
    /// so that the first scrape has rates.
    pub(super) async fn listen(
        &mut self,
        listener: TcpListener,
        access: Access,
        signals: &mut Signals,
    ) -> Result<Exit, Failure> {
        let address = listener.local_addr()?;
        let board = Board::new(self.interval);
        let (client, followed, file_read) = (self.client, self.followed, self.file_read);
        let exporter = || {
            let followed = followed.borrow();
            let is_read = followed.progress == Progress::UpToDate;
            Exporter {
                errors: vec![(Part::Events, usize::from(followed.trouble.is_some()))],
                events: is_read.then(|| followed.outcomes.total().clone()),
                file_read: file_read.map(|at| at.as_secs_f64()),
                requests: client.requests(),
                ..Exporter::default()
            }
        };
        let server = Server {
            board: &board,
            exporter: &exporter,
            access: access.clone(),
        };
        self.shell
            .message(&format!("metrics at http://{address}/metrics"));
        if let Some(warning) = access.warning() {
            self.shell.message(warning);
        }
        let looker = &mut self.looker;
        let looking = async {
            loop {
                board.begin();
                let begun = Instant::now();
                let look = Box::pin(looker.look()).await;
                board.end(match look {
                    Ok(view) => Ok(page(&view, begun)),
                    Err(error) => Err(Arc::from(error.to_string())),
                });
                board.wanted().await;
            }
        };
        tokio::select! {
            ended = server.run(listener, signals.next()) => ended?,
            never = looking => never,
        }
        Ok(Exit::Done)
    }
}

fn page(view: &View, begun: Instant) -> Page {
    let sample = &view.sample;
    let age = |read: Duration| sample.elapsed.saturating_sub(read);
    let troubles = |part| sample.troubles.count(part) + sample.settings.troubles.count(part);
    let parts = Part::ALL.into_iter().filter(|part| *part != Part::Events);
    Page {
        body: exposition::cluster(view),
        read_at: begun,
        took: sample.took,
        settings_age: sample.settings.elapsed.map(age),
        errors: parts.map(|part| (part, troubles(part))).collect(),
        carried: view.events.topics.values().copied().collect(),
    }
}
