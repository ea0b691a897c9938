//! Logs: one line an event, JSON for machines or text for people. What somebody sent never begins a line of its own: JSON
//! escapes control characters by itself, and for text they are escaped on their way out.

use crate::config::{Log, LogFormat};
use std::io;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt, fmt::MakeWriter, util::SubscriberInitExt};

type Failure = Box<dyn std::error::Error + Send + Sync>;

pub fn start(settings: &Log) -> Result<(), Failure> {
    Ok(subscriber(settings, io::stdout)?.try_init()?)
}

fn subscriber<W>(settings: &Log, to: W) -> Result<Box<dyn Subscriber + Send + Sync>, Failure>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // A stranger's broken bytes are answered and are no fault of ours: the framework would log each as an error.
    let filter = EnvFilter::try_new(format!("actix_http::h1::dispatcher=off,{}", settings.level))?;
    let lines = fmt().with_env_filter(filter).with_target(true);
    Ok(match settings.format {
        LogFormat::Json => Box::new(lines.json().flatten_event(true).with_writer(to).finish()),
        LogFormat::Text => Box::new(lines.compact().with_ansi(false).with_writer(Escaping(to)).finish()),
    })
}

/// Each write is one event, which ends with its only line break.
struct Escaping<W>(W);

struct EscapingWriter<W>(W);

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for Escaping<W> {
    type Writer = EscapingWriter<W::Writer>;
    fn make_writer(&'w self) -> Self::Writer {
        EscapingWriter(self.0.make_writer())
    }
}

impl<W: io::Write> io::Write for EscapingWriter<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let mut safe = String::with_capacity(event.len());
        for sign in line.chars() {
            // Signs that turn the direction of writing can forge a line as well as a line break can.
            if sign.is_control() || matches!(sign, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
                safe.extend(sign.escape_unicode());
            } else {
                safe.push(sign);
            }
        }
        safe.push('\n');
        self.0.write_all(safe.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("is whole").extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_can_write_a_line_into_the_log() {
        let hostile = "x\r\n2026-11-22T10:00:00Z  INFO graborder: all is well\u{1b}[2J\u{202e}\u{0}\u{85}";
        for format in [LogFormat::Json, LogFormat::Text] {
            let page = Page::default();
            let (settings, to) = (Log { format, level: "info".to_owned() }, page.clone());
            let subscriber = subscriber(&settings, move || to.clone()).expect("fits");
            tracing::subscriber::with_default(subscriber, || {
                tracing::info!(path = hostile, shown = %hostile, debug = ?hostile, "said {hostile}");
                tracing::warn!("the next one");
            });
            let text = String::from_utf8(page.0.lock().expect("is whole").clone()).expect("is UTF-8");
            assert_eq!(text.lines().count(), 2, "{format:?}: {text}");
            assert!(text.lines().all(|line| !line.starts_with("2026-11-22T10:00:00Z")), "{text}");
            assert!(!text.contains(['\u{1b}', '\r', '\u{0}']), "{format:?}: {text:?}");
        }
    }
}
