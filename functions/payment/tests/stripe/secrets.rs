//! A stand-in for Secrets Manager that holds one secret.

use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use fanfare_bootstrap::{Environment, SdkConfig};
use http::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) struct Secrets {
    url: String,
    held: Arc<Mutex<Held>>,
    server: JoinHandle<()>,
}

struct Held {
    secret: String,
    fetched: u32,
}

impl Secrets {
    pub(crate) async fn start(secret: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let held = Arc::new(Mutex::new(Held { secret: secret.to_owned(), fetched: 0 }));
        let server = tokio::spawn(serve(listener, Arc::clone(&held)));
        Self { url, held, server }
    }

    pub(crate) fn set(&self, secret: &str) {
        self.held.lock().unwrap().secret = secret.to_owned();
    }

    pub(crate) fn fetched(&self) -> u32 {
        self.held.lock().unwrap().fetched
    }

    pub(crate) async fn config(&self) -> SdkConfig {
        let environment = Environment::from_iter([
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", self.url.as_str()),
        ]);
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = fanfare_bootstrap::aws_config(&environment).await.unwrap().into_builder();
        config.credentials_provider(SharedCredentialsProvider::new(credentials)).build()
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, held: Arc<Mutex<Held>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let held = Arc::clone(&held);
        tokio::spawn(async move {
            let service = service_fn(|_| {
                let mut held = held.lock().unwrap();
                held.fetched += 1;
                let body = serde_json::json!({"Name": "stripe", "SecretString": held.secret});
                async move { Ok::<_, Infallible>(Response::new(body.to_string())) }
            });
            let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            served.await.ok();
        });
    }
}
