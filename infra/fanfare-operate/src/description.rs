//! What the stack consists of, and what each part is for: asked of the local runner, or read from the template.

use crate::http::HttpClient;
use crate::{Connection, OperateError, is_local};
use fanfare_template::roles::StackDescription;
use http::Request;
use std::time::Duration;

/// The page on which the local runner tells what it runs.
const PAGE: &str = "_fanfare/stack";
/// How long its answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

impl Connection {
    /// What the stack consists of: what the local runner says if it is at the endpoint, and else what the template says.
    /// It is found once.
    ///
    /// # Errors
    /// [`OperateError::Unanswered`]; [`OperateError::OtherStack`]; [`OperateError::NoTemplate`];
    /// [`OperateError::Template`].
    pub async fn description(&self) -> Result<&StackDescription, OperateError> {
        self.description.get_or_try_init(|| self.describe()).await
    }

    async fn describe(&self) -> Result<StackDescription, OperateError> {
        if let Some(running) = self.runner().await? {
            return Ok(running);
        }
        let found = match &self.template {
            Some(template) => Some(template.clone()),
            None => std::env::current_dir().ok().and_then(|here| fanfare_template::nearest(&here)),
        };
        let template = found.ok_or(OperateError::NoTemplate)?;
        Ok(StackDescription::read(&template, &self.stack, &self.parameters)?)
    }

    /// What the local runner at the endpoint says that it runs; `None` when something else is there.
    ///
    /// # Errors
    /// [`OperateError::Unanswered`] when nothing is; [`OperateError::OtherStack`].
    pub async fn runner(&self) -> Result<Option<StackDescription>, OperateError> {
        let endpoint = self.config.endpoint_url();
        let Some(endpoint) = endpoint.filter(|endpoint| is_local(endpoint) == Some(true)) else {
            return Ok(None);
        };
        match ask_runner(endpoint).await? {
            Some(running) if running.stack != self.stack => Err(OperateError::OtherStack {
                endpoint: endpoint.to_owned(),
                running: running.stack,
                asked: self.stack.clone(),
            }),
            running => Ok(running),
        }
    }
}

/// What the runner at an endpoint says that it runs; `None`: something else is there.
async fn ask_runner(endpoint: &str) -> Result<Option<StackDescription>, OperateError> {
    let unanswered = |source| OperateError::Unanswered { endpoint: endpoint.to_owned(), source };
    let page = format!("{}/{PAGE}", endpoint.trim_end_matches('/'));
    let request = Request::get(page).body(String::new());
    let request = request.map_err(|error| unanswered(error.into()))?;
    let answer = HttpClient::default().call(request, PATIENCE).await.map_err(unanswered)?;
    let described = serde_json::from_slice(answer.body()).ok();
    Ok(described.filter(|_| answer.status().is_success()))
}
