//! The bytes of a socket on their way to the frame reader, judged by their heads.

use super::heads::Heads;
use crate::protocol::CloseCode;
use actix_web::{
    FromRequest, HttpRequest, dev,
    error::PayloadError,
    web::{Bytes, Payload},
};
use futures_util::{FutureExt, Stream, StreamExt};
use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

/// Knows whether a frame broke the rules, and with which code to part then.
pub(super) struct Judge(Rc<Cell<Option<CloseCode>>>);

impl Judge {
    pub(super) fn verdict(&self) -> Option<CloseCode> {
        self.0.get()
    }
}

struct Judged {
    payload: Payload,
    heads: Heads,
    verdict: Rc<Cell<Option<CloseCode>>>,
}

/// The payload of an upgrade request, cut off before the first frame that breaks the rules.
pub(super) fn judged(request: &HttpRequest, payload: Payload) -> Result<(Payload, Judge), actix_web::Error> {
    let verdict = Rc::new(Cell::new(None));
    let judged = Judged { payload, heads: Heads::default(), verdict: Rc::clone(&verdict) };
    let stream: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(judged);
    let mut payload = dev::Payload::from(stream);
    // The only way to make this type; it is there at once.
    let payload = Payload::from_request(request, &mut payload)
        .now_or_never()
        .ok_or_else(|| actix_web::error::ErrorInternalServerError("a payload that is not ready"))??;
    Ok((payload, Judge(verdict)))
}

impl Stream for Judged {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(bytes) = ready!(self.payload.poll_next_unpin(cx)?) else { return Poll::Ready(None) };
            // What follows a broken frame is read, so that the peer can take our close frame, and dropped.
            if self.verdict.get().is_some() {
                continue;
            }
            match self.heads.read(&bytes) {
                Ok(()) => return Poll::Ready(Some(Ok(bytes))),
                Err((began, code)) => {
                    self.verdict.set(Some(code));
                    if began > 0 {
                        return Poll::Ready(Some(Ok(bytes.slice(..began))));
                    }
                }
            }
        }
    }
}
