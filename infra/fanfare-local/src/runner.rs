//! Starts a stack on this machine, and stops it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use fanfare_loopback::Callers;
use tokio::task::{JoinHandle, JoinSet};

use crate::data_directory::{DataDirectory, Saved};
use crate::endpoint::{self, Mail};
use crate::error::{StartError, StopError};
use crate::functions::{Functions, Settings};
use crate::http_api::{self, Gate, Routes};
use crate::issuer::{self, Holder, Issuer, TokenError};
use crate::journal::Journal;
use crate::mappings::{self, Checkpoint};
use crate::options::Options;
use crate::plan::{Addresses, LeftOut, Plan};
use crate::queues::Queues;
use crate::services::Services;
use crate::shutdown::{self, Stop, Stopper};
use crate::sns::Sns;
use crate::statistics::{MappingCounters, Statistics};
use crate::tables::Tables;
use crate::template::Stack;
use crate::usage::Metering;
use crate::{description, http_server, ports, resources};

/// How soon items past their time to live are removed, at the earliest. DynamoDB itself may take days:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>.
const TTL_SWEEP: Duration = Duration::from_secs(10);
/// A sweep reads every item of the tables that have a time to live. So that it costs at most a hundredth of a
/// processor, however many there are, the next one waits for this many times what the last one took.
const TTL_SWEEP_SHARE: u32 = 100;

/// A running stack.
///
/// [`stop`](Self::stop) ends it and saves what outlives it; dropping it only ends it.
pub struct Runner {
    stack: Arc<Stack>,
    left_out: Vec<LeftOut>,
    endpoint: String,
    api_url: String,
    services: Arc<Services>,
    checkpoints: BTreeMap<String, Checkpoint>,
    data: Option<DataDirectory>,
    /// What begins new work: mappings and the HTTP API.
    intake: (Stopper, JoinSet<()>),
    /// What work under way needs: the AWS services.
    server: (Stopper, JoinHandle<()>),
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("endpoint", &self.endpoint)
            .field("api_url", &self.api_url)
            .finish()
    }
}

impl Runner {
    /// Runs a template: when this returns, everything it declares is there and served.
    ///
    /// # Errors
    /// What stands in the way, all at once where it is the template; nothing is left running then.
    pub async fn start(mut options: Options) -> Result<Self, StartError> {
        let (aws, aws_address) = ports::listen(options.port, "--port").await?;
        let (api, api_address) = ports::listen(options.api_port, "--api-port").await?;
        let (endpoint, api_url) =
            (format!("http://{aws_address}"), format!("http://{api_address}"));
        if let Some(parameter) = options.issuer_parameter.take() {
            let issuer = format!("{endpoint}{}", issuer::PATH.trim_end_matches('/'));
            options.parameters.entry(parameter).or_insert(issuer);
        }
        let (account, region) = (options.account.clone(), options.region.clone());
        let addresses = Addresses { endpoint: endpoint.clone(), api: api_url.clone() };
        let Plan { stack, programs, left_out, .. } = Plan::of(&options, &addresses)?.ready()?;
        let description = description::describe(&stack, &options, &api_url)?;
        let functions = Functions::of(
            &stack,
            programs,
            &Settings { endpoint: endpoint.clone(), region: region.clone(), echo: options.echo },
        )?;
        let routes = Routes::new(&stack.routes)?;
        let data = options.data.as_deref().map(DataDirectory::open).transpose()?;
        let issuer = Issuer::of(&stack.routes, data.as_ref().map(DataDirectory::path)).await?;
        let saved = data.as_ref().map(DataDirectory::load).transpose()?.unwrap_or_default();
        let (intake_stopper, intake_stop) = shutdown::channel();
        let (server_stopper, server_stop) = shutdown::channel();
        let tables =
            Tables::open(data.as_ref().map(DataDirectory::tables).transpose()?.as_deref())?;
        let journal = match &data {
            Some(data) => Journal::open(&data.journal()?)
                .map_err(|error| StartError::Journal(error.to_string()))?,
            None => Journal::default(),
        };
        let queues = Queues::new(
            &account,
            &region,
            aws_address.port(),
            intake_stop.clone(),
            journal.clone(),
        );
        let sns = Sns::new(queues.clone(), &account, &region, &endpoint);
        resources::create(&stack, &tables, &queues, &sns, data.as_ref().map(DataDirectory::path))
            .await?;
        queues.restore()?;

        let mappings = stack.mappings.iter().filter(|mapping| mapping.enabled);
        let mappings: Vec<_> = mappings
            .map(|mapping| (Arc::new(mapping.clone()), Arc::<MappingCounters>::default()))
            .collect();
        let services = Arc::new(Services {
            tables,
            queues,
            sns,
            mail: Mail::new(&account, &region, journal)?,
            functions,
            routes,
            gate: Gate { issuer, is_open: options.open, account: account.clone() },
            endpoint: endpoint.clone(),
            description,
            account,
            region,
            aws_requests: AtomicU64::default(),
            http_requests: AtomicU64::default(),
            metering: Metering::default(),
            mappings,
        });
        let callers = Callers::also_by(options.allowed_hosts);
        let server = tokio::spawn({
            let services = services.clone();
            http_server::serve(
                aws,
                callers.clone(),
                move |request| endpoint::handle(services.clone(), request),
                server_stop,
            )
        });
        let mut intake = JoinSet::new();
        let checkpoints =
            mappings::start(&stack, &services, &saved.checkpoints, &intake_stop, &mut intake)?;
        if stack.tables.iter().any(|table| table.ttl_attribute.is_some()) {
            intake.spawn(sweep_ttl(services.tables.clone(), intake_stop.clone()));
        }
        intake.spawn({
            let services = services.clone();
            http_server::serve(
                api,
                callers,
                move |request| http_api::handle(services.clone(), request),
                intake_stop,
            )
        });
        Ok(Self {
            stack: Arc::new(stack),
            left_out,
            endpoint,
            api_url,
            services,
            checkpoints,
            data,
            intake: (intake_stopper, intake),
            server: (server_stopper, server),
        })
    }

    /// Where the AWS services are: `http://127.0.0.1:4566`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Where the HTTP API is: `http://127.0.0.1:8080`.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// A token for the HTTP API, which holds for a working day.
    ///
    /// # Errors
    /// [`TokenError`], when no route takes tokens above all.
    pub fn token(&self, holder: &Holder) -> Result<String, TokenError> {
        self.services.gate.issuer.as_ref().ok_or(TokenError::Unasked)?.token(holder)
    }

    /// What runs.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// What is left out of the template because it can't run here.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Each function's name and the file that it is started from.
    pub fn programs(&self) -> impl Iterator<Item = (&str, &Path)> {
        let pools = self.services.functions.iter();
        pools.map(|pool| (pool.function.name.as_str(), pool.program().command.as_path()))
    }

    /// Starts functions anew from the file that they were started from, because it has changed. What they work on goes on to its
    /// end in the old process, so that no message is lost and none fails.
    pub async fn replace(&self, program: &Path) {
        let pools = self.services.functions.iter();
        for pool in pools.filter(|pool| pool.program().command == program) {
            pool.replace().await;
        }
    }

    /// What has happened so far.
    pub fn statistics(&self) -> Statistics {
        self.services.statistics()
    }

    /// Whether a runner of this plan could go on with what is in this one's tables, if it took this one's data directory.
    ///
    /// # Errors
    /// [`StartError::TableChanged`] when a table would have to be made anew.
    pub fn can_become(&self, plan: &Plan) -> Result<(), StartError> {
        let data = self.data.as_ref().map(DataDirectory::path);
        resources::check_tables(&plan.stack, &self.services.tables.database, data)
    }

    /// Stops: no new work, a moment for the work under way, the end of every process; then what outlives the
    /// runner is saved.
    ///
    /// # Errors
    /// The runner has stopped, and what was in its queues is not saved.
    pub async fn stop(self) -> Result<(), StopError> {
        let Self { intake: (intake_stopper, mut intake), server: (server_stopper, server), .. } =
            self;
        intake_stopper.stop();
        while intake.join_next().await.is_some() {}
        self.services.functions.stop().await;
        server_stopper.stop();
        if let Err(error) = server.await {
            tracing::error!(%error, "the AWS services ended badly");
        }
        let Some(data) = &self.data else { return Ok(()) };
        let checkpoints = self.checkpoints.iter().filter_map(|(mapping, checkpoint)| {
            let checkpoint = checkpoint.lock().unwrap_or_else(PoisonError::into_inner);
            Some((mapping.clone(), checkpoint.clone()?))
        });
        let saved = Saved { checkpoints: checkpoints.collect() };
        data.save(&saved)
    }
}

async fn sweep_ttl(tables: Tables, mut stop: Stop) {
    let mut took = Duration::ZERO;
    loop {
        tokio::select! {
            () = stop.requested() => return,
            () = tokio::time::sleep(TTL_SWEEP.max(took * TTL_SWEEP_SHARE)) => {}
        }
        let begun = Instant::now();
        let swept = tables.call_for_long(|database| database.sweep_ttl()).await;
        took = begun.elapsed();
        match swept {
            Ok(0) => {}
            Ok(_) => tables.note_write(),
            Err(error) => tracing::warn!(%error, "items past their time to live cannot be removed"),
        }
    }
}
