//! Logs: one line an event, JSON for machines or text for people; control characters are escaped by the formatter.

use crate::config::{Log, LogFormat};
use tracing_subscriber::{EnvFilter, fmt};

pub fn start(settings: &Log) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let filter = EnvFilter::try_new(&settings.level)?;
    let lines = fmt().with_env_filter(filter).with_target(true);
    match settings.format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text => lines.compact().try_init(),
    }
}
