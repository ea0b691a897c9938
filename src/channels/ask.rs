//! One question to another house: bounded in time, in the size of the answer, and in how many are under way.

use super::fault::{BUSY, Fault};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, redirect::Policy};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Their answers have some hundred bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// A house that has gone silent must not gather all of our callers.
const UNDER_WAY_MAX: usize = 64;
/// Between tries when the answer is "busy": twice, and no more.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(600)];

/// Where one of them is asked. Cheap to clone.
#[derive(Clone)]
pub(super) struct Ask {
    client: Client,
    base: Url,
    places: Arc<Semaphore>,
}

/// Success may come without one.
#[derive(Deserialize)]
struct Errcode {
    #[serde(default)]
    errcode: i64,
}

impl Ask {
    /// Redirects are not followed and no proxy of the surroundings is used: an address holds the secret.
    pub(super) fn new(base_url: &str, timeout_ms: u64) -> Result<Self, Fault> {
        let timeout = Duration::from_millis(timeout_ms);
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            .redirect(Policy::none())
            .no_proxy()
            .retry(reqwest::retry::never())
            .build()
            .map_err(|error| Fault::NoClient(error.without_url()))?;
        let base = Url::parse(base_url).map_err(|_| Fault::Unreadable("its address"))?;
        Ok(Self { client, base, places: Arc::new(Semaphore::new(UNDER_WAY_MAX)) })
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, Fault> {
        self.send(self.client.get(self.address(path, query))).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: &impl Serialize,
    ) -> Result<T, Fault> {
        self.send(self.client.post(self.address(path, query)).json(body)).await
    }

    fn address(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url.query_pairs_mut().extend_pairs(query);
        url
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Fault> {
        let _place = self.places.try_acquire().map_err(|_| Fault::Busy)?;
        let response = request.send().await.map_err(|error| {
            let error = error.without_url();
            if error.is_connect() { Fault::NotReached(error) } else { Fault::NoAnswer(error) }
        })?;
        if response.status() != StatusCode::OK {
            return Err(Fault::Unreadable("its status is not 200"));
        }
        let bytes = read(response).await?;
        let Errcode { errcode } =
            serde_json::from_slice(&bytes).map_err(|_| Fault::Unreadable("it is no JSON object"))?;
        if errcode != 0 {
            return Err(Fault::Code(errcode));
        }
        // The error would repeat what stands there.
        serde_json::from_slice(&bytes).map_err(|_| Fault::Unreadable("something in it is missing"))
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Fault::NoAnswer(error.without_url()))? {
        if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Fault::Unreadable("it is too long"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Asks again while the answer is "busy".
pub(super) async fn patiently<T>(ask: impl AsyncFn() -> Result<T, Fault>) -> Result<T, Fault> {
    for wait in AGAIN_AFTER {
        match ask().await {
            Err(Fault::Code(BUSY)) => tokio::time::sleep(wait).await,
            answer => return answer,
        }
    }
    ask().await
}
