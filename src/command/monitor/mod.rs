//! `topicctl monitor`: looks at topics again and again. Changes nothing, and joins no group.

mod choose;
mod listen;
mod live;
mod look;
mod token;

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use self::look::Poll;
use super::connection::{self, Connected};
use super::signals::Signals;
use super::{Exit, Failure, Shell, clock, file};
use crate::admin::client::Client;
use crate::cli::{ConnectionArgs, MonitorArgs, Output};
use crate::model::{Secret, printable};
use crate::monitor::serve::Access;
use crate::monitor::{Followed, Follower, Layout, Part, Progress, View};
use crate::render::{self, Header};

/// A look that waits longer for a broker than this comes too late for the next one.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one look waits for events to be read, when there is no next one.
const CATCHING_UP: Duration = Duration::from_secs(15);

/// What is done with the looks.
enum Mode {
    Once,
    Stream,
    Listen(TcpListener, Access),
    Live,
}

pub(super) async fn run(arguments: &MonitorArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let mode = mode(arguments, shell).await?;
    let manifest = file::load_unless_addressed(&arguments.file, &arguments.connection, shell)?;
    let file_read = manifest
        .is_some()
        .then(|| Duration::from_millis(clock::now().unsigned_abs()));
    let mut signals = Signals::listen()?;
    let reaching = Box::pin(async {
        let connecting = patient(&arguments.connection);
        let connected = connection::connect(&connecting, manifest.as_ref(), shell).await?;
        let events = connected.data_plane(shell)?;
        let watched = choose::choose(&connected.client, arguments, manifest.as_ref()).await?;
        Ok((connected, events, watched))
    });
    let (connected, events, watched) = signals.or_interrupted(reaching).await?;
    let Connected { client, header, .. } = connected;
    let (layout, followed) = (watch::Sender::new(Layout::new()), watch::Sender::default());
    let reader = Follower {
        admin: &client,
        connection: &events,
        wait: arguments.connection.request_timeout,
        now: clock::now,
        followed: &followed,
    };
    let following = async {
        reader.run(layout.subscribe()).await;
        std::future::pending::<()>().await;
    };
    let carriers = choose::carriers(manifest.as_ref(), &watched);
    let mut monitor = Monitor {
        client: &client,
        looker: Poll::new(&client, watched, carriers, &layout, &followed),
        header: &header,
        followed: &followed,
        file_read,
        interval: arguments.interval,
        output: arguments.output,
        shell: &mut *shell,
    };
    let exit = tokio::select! {
        ended = monitor.run(mode, &mut signals) => ended,
        () = following => Ok(Exit::Done),
    };
    shell.tell_requests(&crate::admin::Admin::requests(&client));
    exit
}

async fn mode(arguments: &MonitorArgs, shell: &mut Shell<'_>) -> Result<Mode, Failure> {
    if arguments.once {
        return Ok(Mode::Once);
    }
    if let Some(address) = &arguments.listen {
        let refused = |error| Failure::Usage(format!("--listen {}: {error}", printable(address)));
        let token = arguments
            .listen_token_file
            .as_deref()
            .map(|path| token::read(path, shell))
            .transpose()?;
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let access = Access::at(listener.local_addr()?.ip(), token.as_ref().map(Secret::reveal));
        return Ok(Mode::Listen(listener, access));
    }
    match arguments.output {
        Output::Json => Ok(Mode::Stream),
        Output::Text if shell.has_screen => Ok(Mode::Live),
        Output::Text => Err(Failure::Usage(
            "the live view needs a terminal at standard input and output; without one, give --once for one sample, --output json for a line of JSON for each, or --listen 9308 for Prometheus".to_owned(),
        )),
    }
}

fn patient(arguments: &ConnectionArgs) -> ConnectionArgs {
    ConnectionArgs {
        request_timeout: arguments.request_timeout.min(PATIENCE),
        ..arguments.clone()
    }
}

struct Monitor<'m, 's> {
    client: &'m Client,
    looker: Poll<'m, Client>,
    header: &'m Header,
    followed: &'m watch::Sender<Followed>,
    /// When the file was read, since 1970; `None` without one.
    file_read: Option<Duration>,
    interval: Duration,
    output: Output,
    shell: &'m mut Shell<'s>,
}

impl Monitor<'_, '_> {
    async fn run(&mut self, mode: Mode, signals: &mut Signals) -> Result<Exit, Failure> {
        match mode {
            Mode::Once => signals.or_interrupted(self.once()).await,
            Mode::Live => self.live(signals).await,
            Mode::Listen(listener, access) => self.listen(listener, access, signals).await,
            Mode::Stream => {
                tokio::select! {
                    ended = self.stream() => ended,
                    // There is no other end to it, so this is no failure.
                    () = signals.next() => Ok(Exit::Done),
                }
            }
        }
    }

    /// Two looks, since one alone tells no rate.
    async fn once(&mut self) -> Result<Exit, Failure> {
        Box::pin(self.looker.look()).await?;
        tokio::time::sleep(self.interval).await;
        self.wait_for_events().await;
        let view = Box::pin(self.looker.look()).await?;
        match self.output {
            Output::Text => {
                let mut text = self.shell.text();
                text.header(self.header)?;
                text.view(&view)?;
                text.missing_acls(self.header, &view.missing_acls())?;
            }
            Output::Json => render::json::sample(self.shell.out, self.header, &view)?,
        }
        Ok(exit(&view))
    }

    async fn wait_for_events(&self) {
        let mut followed = self.followed.subscribe();
        let is_told =
            |followed: &Followed| followed.progress != Progress::CatchingUp || followed.trouble.is_some();
        let _ = tokio::time::timeout(CATCHING_UP, followed.wait_for(is_told)).await;
    }

    async fn stream(&mut self) -> Result<Exit, Failure> {
        let mut ticks = interval(self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.shell.reader_left.get() {
            ticks.tick().await;
            match Box::pin(self.looker.look()).await {
                Ok(view) => {
                    render::json::sample(self.shell.out, self.header, &view)?;
                    self.shell.out.flush()?;
                }
                // Brokers come back.
                Err(error) => self.shell.tell_error(&error.to_string()),
            }
        }
        Ok(Exit::Done)
    }
}

/// What only some principals may see, such as groups, is no failure; topics and their ends are what this is for.
fn exit(view: &View) -> Exit {
    let is_missed = |part| view.sample.troubles.count(part) > 0;
    if is_missed(Part::Metadata) || is_missed(Part::Offsets) {
        Exit::Failed
    } else {
        Exit::Done
    }
}
