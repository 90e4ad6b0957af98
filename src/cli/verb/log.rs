//! `log`: what was recorded, from any version on, and with `--follow` what comes.

use std::time::Duration;

use muster_proto::v1 as wire;
use serde_json::json;
use tonic::Status;

use crate::cli::client::{call, is_worth_repeating};
use crate::cli::{Context, Failure, json as documents, pages, text};

/// How many events are shown before following when nothing is said.
const FOLLOWED_FROM: usize = 10;
/// Pauses before a lost connection is made again.
const RECONNECT_MS: [u64; 6] = [100, 300, 1_000, 2_000, 5_000, 5_000];

/// Which stretch.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Go on with what comes
    #[arg(long, short)]
    pub follow: bool,
    /// Only events above this version
    #[arg(long, value_name = "VERSION")]
    pub after: Option<u64>,
    /// At most so many: the first ones with --after, else the newest
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Only events that name this task
    #[arg(long, value_name = "TASK")]
    pub task: Option<String>,
    /// Only events recorded in this session, such as S-3, or that name it
    #[arg(long, value_name = "SESSION")]
    pub session: Option<String>,
}

impl Arguments {
    /// Whether all events are asked for, whatever they name.
    fn all(&self) -> bool {
        self.task.is_none() && self.session.is_none()
    }

    /// Asks for events that these arguments name, and leaves the page to be filled in.
    fn request(&self, context: &Context) -> wire::ListEventsRequest {
        wire::ListEventsRequest {
            project: context.project.clone(),
            task: self.task.clone().unwrap_or_default(),
            session: self.session.clone().unwrap_or_default(),
            ..wire::ListEventsRequest::default()
        }
    }
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    if arguments.follow {
        let after = followed_from(&arguments, context).await?;
        return follow(&arguments, after, context).await;
    }
    let events = listed(&arguments, context).await?;
    context.out.either(
        || {
            let listed: Vec<_> = events.iter().map(documents::event).collect();
            json!({"events": listed})
        },
        || events.iter().map(text::event).collect(),
    )
}

/// The version behind which following begins.
async fn followed_from(arguments: &Arguments, context: &Context) -> Result<u64, Failure> {
    if let Some(after) = arguments.after {
        return Ok(after);
    }
    let version = version(context).await?;
    let limit = arguments.limit.unwrap_or(FOLLOWED_FROM);
    if arguments.all() {
        return Ok(version.saturating_sub(widened(limit)));
    }
    let found = newest(arguments, limit, context).await?;
    let first = found.first().map(|event| event.version.saturating_sub(1));
    // What comes after the newest events were asked for is above the version asked for before.
    Ok(first.map_or(version, |first| first.min(version)))
}

async fn listed(arguments: &Arguments, context: &Context) -> Result<Vec<wire::Event>, Failure> {
    let after = match (arguments.after, arguments.limit) {
        (Some(after), _) => after,
        (None, Some(limit)) if !arguments.all() => return newest(arguments, limit, context).await,
        // Versions have no gaps, so the newest N are those above the version N before the last.
        (None, Some(limit)) => version(context).await?.saturating_sub(widened(limit)),
        (None, None) => 0,
    };
    pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListEventsRequest {
            after_version: after,
            page_size,
            page_token,
            ..arguments.request(context)
        };
        let page = call!(&context.client, events.list_events(request)).await?;
        Ok((page.events, page.next_page_token))
    })
    .await
}

/// The newest events that are asked for, however far back they are.
async fn newest(
    arguments: &Arguments,
    limit: usize,
    context: &Context,
) -> Result<Vec<wire::Event>, Failure> {
    let back = pages::all(Some(limit), |page_size, page_token| async move {
        let request = wire::ListEventsRequest {
            newest: true,
            page_size,
            page_token,
            ..arguments.request(context)
        };
        let page = call!(&context.client, events.list_events(request)).await?;
        // A page is in order, and the next one has what was before it.
        let back = page.events.into_iter().rev().collect();
        Ok((back, page.next_page_token))
    })
    .await?;
    Ok(back.into_iter().rev().collect())
}

fn widened(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The project's version now.
async fn version(context: &Context) -> Result<u64, Failure> {
    let request = wire::ListEventsRequest {
        project: context.project.clone(),
        page_size: 1,
        newest: true,
        ..wire::ListEventsRequest::default()
    };
    let answer = call!(&context.client, events.list_events(request)).await?;
    Ok(answer.version)
}

/// Prints events as they come, each once, over lost connections too.
async fn follow(arguments: &Arguments, mut after: u64, context: &Context) -> Result<(), Failure> {
    let mut lost: usize = 0;
    loop {
        let before = after;
        let Err(status) = watch(arguments, &mut after, context).await? else {
            // The daemon ends a watch only when it stops or the watcher fell behind.
            tokio::time::sleep(Duration::from_millis(RECONNECT_MS[0])).await;
            continue;
        };
        if after > before {
            lost = 0;
        }
        match RECONNECT_MS.get(lost) {
            Some(pause_ms) if is_worth_repeating(&status) => {
                lost += 1;
                tokio::time::sleep(Duration::from_millis(*pause_ms)).await;
            }
            _ => return Err(context.client.failure(status)),
        }
    }
}

/// Watches until the stream ends. The outer result is a failure to print, the inner one how it ended.
async fn watch(
    arguments: &Arguments,
    after: &mut u64,
    context: &Context,
) -> Result<Result<(), Status>, Failure> {
    let request = wire::WatchEventsRequest {
        project: context.project.clone(),
        after_version: *after,
        task: arguments.task.clone().unwrap_or_default(),
        session: arguments.session.clone().unwrap_or_default(),
    };
    let mut stream = match context.client.events().watch_events(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => return Ok(Err(status)),
    };
    loop {
        let events = match stream.message().await {
            Ok(Some(answer)) => answer.events,
            Ok(None) => return Ok(Ok(())),
            Err(status) => return Ok(Err(status)),
        };
        for event in events {
            if context.out.as_json() {
                context.out.document(&documents::event(&event))?;
            } else {
                context.out.text(&text::event(&event))?;
            }
            *after = event.version;
        }
    }
}
