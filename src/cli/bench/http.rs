//! The server from outside: a signed-in client of one node, as a browser would be.

use crate::cli::Failure;
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::time::Duration;

/// One connection pool for all clients of a run. Loopback only, so no proxy.
pub(super) fn connections() -> Result<reqwest::Client, Failure> {
    Ok(reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?)
}

#[derive(Clone)]
pub(super) struct Api {
    connections: reqwest::Client,
    base: String,
    token: Option<String>,
}

#[derive(Serialize)]
struct SignIn<'a> {
    login: &'a str,
    password: &'a str,
}

#[derive(Deserialize)]
struct SignedIn {
    access_token: String,
}

impl Api {
    pub(super) fn new(connections: reqwest::Client, base: String) -> Self {
        Self { connections, base, token: None }
    }

    /// The same node with somebody signed in. A node that has too many sign-ins at once says so and is asked again.
    pub(super) async fn sign_in(&self, login: &str, password: &str) -> Result<Self, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            let request = self.request(Method::POST, "/auth/login").json(&SignIn { login, password });
            let response = request.send().await?;
            if response.status() == StatusCode::SERVICE_UNAVAILABLE && tries < 20 {
                tokio::time::sleep(Duration::from_millis(500)).await;
                continue;
            }
            let SignedIn { access_token } = read(response, "/auth/login").await?;
            return Ok(Self { token: Some(access_token), ..self.clone() });
        }
    }

    /// This node, for somebody who signed in at another.
    pub(super) fn as_somebody(&self, other: &Self) -> Self {
        Self { token: other.token.clone(), ..self.clone() }
    }

    /// This node, for whoever has this token.
    pub(super) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        read(self.request(Method::GET, path).send().await?, path).await
    }

    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        read(self.request(Method::POST, path).json(body).send().await?, path).await
    }

    /// The status of an answer, whatever it is.
    pub(super) async fn knock(&self, method: &str, path: &str, body: Option<&'static str>) -> Result<u16, Failure> {
        let mut request = self.request(method.parse()?, path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        Ok(request.send().await?.status().as_u16())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.connections.request(method, format!("{}/api/v1{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Whether the node serves: its servers answer and it is not going away.
    pub(super) async fn is_ready(&self) -> bool {
        let answer = self.connections.get(format!("{}/readyz", self.base)).send().await;
        answer.is_ok_and(|response| response.status().is_success())
    }

    /// The sum of a counter over all its labels.
    pub(super) async fn counter(&self, name: &str) -> Result<f64, Failure> {
        let text = self.connections.get(format!("{}/metrics", self.base)).send().await?.text().await?;
        let of_it = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
        Ok(text.lines().filter(of_it).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }
}

async fn read<T: DeserializeOwned>(response: reqwest::Response, path: &str) -> Result<T, Failure> {
    let status = response.status();
    let text = response.text().await?;
    if !status.is_success() {
        return Err(format!("{path} answered {status}: {text}").into());
    }
    serde_json::from_str(&text).map_err(|error| format!("{path} answered what cannot be read ({error}): {text}").into())
}
