//! From a template to the roles of its resources.

use super::graph::{FUNCTIONS, Feed, Graph, QUEUES, TABLES, TOPICS};
use super::metadata::{Said, said};
use super::{Consumer, FailureQueue, Role, Roles, kebab_without};
use crate::{Known, Part, Problem, Resource};
use std::collections::BTreeMap;

/// The environment variables that say what a function uses a resource as.
const EVENTS_TABLE: &str = "EVENTS_TABLE";
const LEDGER_TABLE: &str = "LEDGER_TABLE";
const EVENTS_TOPIC: &str = "EVENTS_TOPIC";
const QUEUE_URL: &str = "QUEUE_URL";
const DEAD_LETTER_QUEUE_URL: &str = "DEAD_LETTER_QUEUE_URL";

impl Roles {
    /// The roles of a template's resources, and what stands in the way of more: metadata that can't be understood, and
    /// resources of which several may have a role that one has.
    pub fn of(template: &Known) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let graph = Graph(template);
        let said = graph.resources().map(|one| (one.id.as_str(), said(one, &mut problems)));
        let said = said.collect();
        let mut search = Search { graph, feeds: graph.feeds(), said, problems };
        let roles = search.roles();
        (roles, search.problems)
    }
}

struct Search<'k> {
    graph: Graph<'k>,
    feeds: Vec<Feed<'k>>,
    /// What resources say of themselves, by their logical ids.
    said: BTreeMap<&'k str, Said>,
    problems: Vec<Problem>,
}

impl<'k> Search<'k> {
    fn roles(&mut self) -> Roles {
        let relay = self.relay();
        let event_store = self.event_store(relay);
        let ledger = self.one(Role::Ledger, TABLES, |search| search.called(LEDGER_TABLE, TABLES));
        let topic = self.one(Role::Topic, TOPICS, |search| search.called(EVENTS_TOPIC, TOPICS));
        let audit = self.one(Role::Audit, TABLES, |_| Vec::new());
        let consumers = self.consumers();
        let id = |resource: &Resource| resource.id.clone();
        Roles {
            failure_queues: self.failure_queues(relay, &consumers),
            event_store: event_store.map(id),
            ledger: ledger.map(id),
            topic: topic.map(id),
            relay: relay.map(id),
            audit: audit.map(id),
            consumers,
        }
    }

    fn said(&self, resource: &Resource) -> &Said {
        const NOTHING: &Said =
            &Said { role: None, consumer: None, forced_replay: super::ForcedReplay::Unsaid };
        self.said.get(resource.id.as_str()).unwrap_or(NOTHING)
    }

    /// The resources of these types that say to have a role.
    fn outright(&self, role: Role, kinds: &'static [&'static str]) -> Vec<&'k Resource> {
        let has_role = |resource: &&Resource| self.said(resource).role == Some(role);
        self.graph.of_kinds(kinds).filter(has_role).collect()
    }

    /// The one resource that has a role: the one that says so, or else the one that is found.
    fn one(
        &mut self,
        role: Role,
        kinds: &'static [&'static str],
        found: impl Fn(&Self) -> Vec<&'k Resource>,
    ) -> Option<&'k Resource> {
        let outright = self.outright(role, kinds);
        let candidates = if outright.is_empty() { found(self) } else { outright };
        match candidates.as_slice() {
            [] => None,
            [one] => Some(one),
            [one, other, ..] => {
                let message = format!(
                    "may be the {role} as well as {}: give one of them alone `Metadata: {{ Fanfare: {{ Role: {} }} }}`",
                    one.id,
                    role.name()
                );
                let problem = Problem::invalid(other.place, message);
                self.problems.push(problem.of(Part::Resource, &other.id));
                None
            }
        }
    }

    /// The resources that functions call by this environment variable.
    fn called(&self, variable: &str, kinds: &[&str]) -> Vec<&'k Resource> {
        let functions = self.graph.of_kinds(FUNCTIONS);
        let called = functions.filter_map(|function| self.graph.variable(function, variable));
        distinct(called.filter(|resource| resource.is_one_of(kinds)))
    }

    fn relay(&mut self) -> Option<&'k Resource> {
        self.one(Role::Relay, FUNCTIONS, |search| {
            let is_relay = |feed: &&Feed<'_>| {
                feed.source.is_one_of(TABLES)
                    && search.graph.has_variable(feed.function, EVENTS_TOPIC)
            };
            distinct(search.feeds.iter().filter(is_relay).map(|feed| feed.function))
        })
    }

    fn event_store(&mut self, relay: Option<&'k Resource>) -> Option<&'k Resource> {
        self.one(Role::EventStore, TABLES, |search| {
            let called = search.called(EVENTS_TABLE, TABLES);
            if !called.is_empty() {
                return called;
            }
            let feeds =
                search.feeds.iter().filter(|feed| Some(&feed.function.id) == relay.map(|r| &r.id));
            distinct(feeds.map(|feed| feed.source).filter(|source| source.is_one_of(TABLES)))
        })
    }

    fn consumers(&mut self) -> Vec<Consumer> {
        let mut consumers: Vec<Consumer> = Vec::new();
        for feed in self.feeds.iter().filter(|feed| feed.source.is_one_of(QUEUES)) {
            if self.is_consumer(feed.function) {
                consumers.push(self.consumer(feed.source, Some(feed.function)));
            }
        }
        for queue in self.outright(Role::Consumer, QUEUES) {
            if !consumers.iter().any(|consumer| consumer.queue == queue.id) {
                consumers.push(self.consumer(queue, None));
            }
        }
        for function in self.outright(Role::Consumer, FUNCTIONS) {
            if !consumers.iter().any(|consumer| consumer.function.as_ref() == Some(&function.id)) {
                let message = "has Role consumer, and no queue of the template feeds it";
                let problem = Problem::invalid(function.place, message);
                self.problems.push(problem.of(Part::Resource, &function.id));
            }
        }
        consumers.sort_by(|one, other| one.name.cmp(&other.name));
        consumers
    }

    fn is_consumer(&self, function: &Resource) -> bool {
        let has = |name| self.graph.has_variable(function, name);
        match self.said(function).role {
            Some(role) => role == Role::Consumer,
            None => has(QUEUE_URL) || has(LEDGER_TABLE),
        }
    }

    fn consumer(&self, queue: &Resource, function: Option<&Resource>) -> Consumer {
        let (named, ending) = function.map_or((queue, "Queue"), |function| (function, "Function"));
        let Said { consumer, forced_replay, .. } = self.said(named).clone();
        Consumer {
            name: consumer.unwrap_or_else(|| kebab_without(&named.id, ending)),
            function: function.map(|function| function.id.clone()),
            queue: queue.id.clone(),
            forced_replay,
        }
    }

    /// Queues that failures go to by other ways than a redrive policy of a queue.
    fn failure_queues(
        &self,
        relay: Option<&'k Resource>,
        consumers: &[Consumer],
    ) -> Vec<FailureQueue> {
        let mut found: Vec<FailureQueue> = Vec::new();
        let mut add = |queue: &Resource, owner: String, meant_for: Option<&Resource>| {
            if queue.is_one_of(QUEUES) && !found.iter().any(|known| known.queue == queue.id) {
                let meant_for = meant_for.map(|queue| queue.id.clone());
                found.push(FailureQueue { queue: queue.id.clone(), owner, meant_for });
            }
        };
        for queue in self.outright(Role::Relay, QUEUES) {
            let name = self.said(queue).consumer.clone();
            add(queue, name.unwrap_or_else(|| Role::Relay.name().to_owned()), None);
        }
        if let Some(relay) = relay
            && let Some(queue) = self.graph.variable(relay, DEAD_LETTER_QUEUE_URL)
        {
            add(queue, self.name_of(relay), None);
        }
        for feed in &self.feeds {
            if let Some(queue) = feed.on_failure {
                add(queue, self.name_of(feed.function), None);
            }
        }
        for consumer in consumers {
            let resource = |id: &str| self.graph.resources().find(|resource| resource.id == id);
            let function = consumer.function.as_deref().and_then(resource);
            let queue = function.and_then(|one| self.graph.variable(one, DEAD_LETTER_QUEUE_URL));
            if let Some(queue) = queue {
                add(queue, consumer.name.clone(), resource(&consumer.queue));
            }
        }
        for subscription in self.graph.subscriptions() {
            let consumer = consumers.iter().find(|one| one.queue == subscription.queue.id);
            let owner = consumer.map_or_else(
                || kebab_without(&subscription.queue.id, "Queue"),
                |consumer| consumer.name.clone(),
            );
            if let Some(queue) = subscription.dead_letters {
                add(queue, owner, Some(subscription.queue));
            }
        }
        found
    }

    fn name_of(&self, function: &Resource) -> String {
        let said = self.said(function).consumer.clone();
        said.unwrap_or_else(|| kebab_without(&function.id, "Function"))
    }
}

fn distinct<'k>(resources: impl Iterator<Item = &'k Resource>) -> Vec<&'k Resource> {
    let mut all: Vec<&Resource> = Vec::new();
    for resource in resources {
        if !all.iter().any(|known| known.id == resource.id) {
            all.push(resource);
        }
    }
    all
}
