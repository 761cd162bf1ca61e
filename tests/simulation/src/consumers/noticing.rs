//! Pins two notices for every order to a board that it shares with others: a stream that grows, and that many
//! environments of two consumers append to at once.

use event_schema::{OrderId, OrderPlaced};
use fanfare::{Consumer, Event, EventType, Failure, Work};
use serde::{Deserialize, Serialize};

/// How many boards there are.
const BOARDS: usize = 2;

/// Somebody has noticed an order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderNoticed {
    order_id: OrderId,
    board: usize,
}

impl EventType for OrderNoticed {
    const TYPE: &'static str = "OrderNoticed";
    const VERSION: u32 = 1;

    fn stream(&self) -> String {
        format!("board-{}", self.board)
    }

    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl OrderNoticed {
    /// The notice of an order, on the board that all notices of it are on.
    pub(crate) fn of(order_id: &OrderId) -> Self {
        let board = order_id.as_str().bytes().map(usize::from).sum::<usize>() % BOARDS;
        Self { order_id: order_id.clone(), board }
    }
}

/// How the ids begin of events that kill the process, and of those that ask for another try for ever.
pub(crate) const KILLER: &str = "evt_killer";
pub(crate) const HOPELESS: &str = "evt_hopeless";

/// The consumer, whose process `die` kills.
pub(crate) fn noticing(die: impl Fn() + Send + Sync + 'static) -> Consumer<OrderPlaced> {
    let decide = move |event: Event<OrderPlaced>| {
        let kills = event.id.as_str().starts_with(KILLER);
        if kills {
            die();
        }
        async move {
            if kills {
                std::future::pending::<()>().await;
            }
            if event.id.as_str().starts_with(HOPELESS) {
                return Err(Failure::retry("never"));
            }
            let notice = OrderNoticed::of(&event.payload.order_id);
            Ok(Work::did("noticed").announce(&notice).announce(&notice))
        }
    };
    Consumer::new("noticing", decide).announces::<OrderNoticed>()
}
