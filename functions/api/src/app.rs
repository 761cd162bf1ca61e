//! The API with all that it needs, and which of its parts answers a call.

use crate::{Claims, Route, Subscriptions, route};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_sdk_dynamodb::Client;
use fanfare::ledger::Ledger;
use fanfare_bootstrap::{Environment, SettingError};
use fanfare_event_store::EventStore;
use fanfare_http::{Commands, Handler, Problem, Request, Response, respond};

/// The HTTP API.
pub struct Api {
    pub(crate) claims: Claims,
    pub(crate) client: Client,
    pub(crate) commands: Commands,
    pub(crate) events: EventStore,
    pub(crate) ledger: Ledger,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) tables: Tables,
}

/// The names of the tables.
pub(crate) struct Tables {
    pub(crate) events: String,
    pub(crate) ledger: String,
    pub(crate) products: String,
    pub(crate) stock: String,
    pub(crate) sales: String,
    pub(crate) views: String,
}

impl Api {
    /// Reads the settings and builds the clients.
    ///
    /// # Errors
    /// [`SettingError`], naming the environment variable.
    pub async fn new(environment: &Environment) -> Result<Self, SettingError> {
        let table = |name| environment.required(name).map(str::to_owned);
        let tables = Tables {
            events: table("EVENTS_TABLE")?,
            ledger: table("LEDGER_TABLE")?,
            products: table("PRODUCTS_TABLE")?,
            stock: table("STOCK_TABLE")?,
            sales: table("SALES_TABLE")?,
            views: table("VIEWS_TABLE")?,
        };
        let subscriptions = environment.required("SUBSCRIPTIONS")?;
        let client = Client::new(&fanfare_bootstrap::aws_config(environment).await?);
        let events = EventStore::new(client.clone(), &tables.events);
        Ok(Self {
            claims: Claims::of(environment),
            commands: Commands::new(client.clone(), events.clone(), &tables.ledger, "api"),
            events,
            ledger: Ledger::new(client.clone(), &tables.ledger),
            subscriptions: Subscriptions::parse("SUBSCRIPTIONS", subscriptions)?,
            client,
            tables,
        })
    }

    /// Answers a call as Lambda hands it over. It always has an answer: a failure is a problem document.
    pub async fn handle(&self, call: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        respond(self, call).await
    }
}

impl Handler for Api {
    async fn answer(&self, request: &Request) -> Result<Response, Problem> {
        let route = route(request.method(), request.path())?;
        let caller = self.admit(request, &route).await?;
        match route {
            Route::Health => self.health().await,
            Route::PutCustomer(id) => self.put_customer(id, request).await,
            Route::GetProducts => self.get_products(request).await,
            Route::GetProduct(sku) => self.get_product(&sku).await,
            Route::PutProduct(sku) => self.put_product(&sku, request).await,
            Route::PutStock(sku) => self.put_stock(&sku, request).await,
            Route::GetStock(sku) => self.get_stock(&sku).await,
            Route::PlaceOrder => self.place_order(&caller, request).await,
            Route::GetOrder(id) => self.get_order(&id, request).await,
            Route::CancelOrder(id) => self.cancel_order(&id, request).await,
            Route::GetEvents(id) => self.get_events(&id, request).await,
            Route::GetSummary(id) => self.get_summary(&id).await,
            Route::GetTrace(id) => self.get_trace(&id).await,
            Route::GetCustomerOrders(id) => self.get_customer_orders(&id, request).await,
            Route::GetSales => self.get_sales(request).await,
            Route::GetStatuses => self.get_statuses().await,
        }
    }
}
