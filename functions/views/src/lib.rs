//! Views: keeps what is shown of orders. Summaries, orders by customer, counts by status.
//!
//! What an event changes is [`read_models::views::fold`], which a rebuild uses too. This function puts it into the
//! generation that is read and, while a new one is being made, into that as well.

use event_schema::StoreEvent;
use fanfare::Event;
use fanfare::{Consumer, Failure, Key, Memory, State, Table, Work, Write};
use read_models::views::{
    Change, Control, Generation, TABLE, Thing, control_key, counts_key, fold,
};
use serde_json::{Map, Value};

/// The consumer of all events of orders and customers.
pub fn consumer() -> Consumer<StoreEvent> {
    Consumer::reading("views", reads, decide)
        .sequential_by(|event| Thing::of(&event.payload).pk())
        .tables([TABLE])
}

/// An item as it lies in the table.
type Item = Map<String, Value>;

/// The generations, and the thing's items in both of its places: which of them are used the first says.
fn reads(event: &Event<StoreEvent>) -> Vec<(Table, Key)> {
    let thing = Thing::of(&event.payload);
    let items = Generation::PLACES.map(|place| (TABLE, thing.key_at(place)));
    [(TABLE, control_key())].into_iter().chain(items).collect()
}

async fn decide(event: Event<StoreEvent>, known: State) -> Result<Work, Failure> {
    let control: Control = known
        .item(TABLE, &control_key())
        .map_err(|e| Failure::permanent("the views' generations are unreadable").caused_by(e))?
        .unwrap_or_default();
    let mut changes = Vec::new();
    for generation in control.written() {
        match change(generation, &event, &known) {
            Ok(change) => changes.push((generation, change)),
            // What can't be read is about to be replaced: that must not keep the event from its successor.
            Err(_) if generation == control.active && control.building.is_some() => {}
            Err(failure) => return Err(failure),
        }
    }
    let work = Work::did(did(changes.iter().map(|(_, (_, change))| change)));
    Ok(changes.into_iter().fold(work, |work, (generation, (memory, change))| {
        write(work, generation, &memory, change)
    }))
}

/// What an event changes in a generation, and the item that it changes.
fn change(
    generation: Generation,
    event: &Event<StoreEvent>,
    known: &State,
) -> Result<(Memory<Item>, Change), Failure> {
    let key = Thing::of(&event.payload).key(generation);
    let memory = known.recall::<Item>(TABLE, key.clone())?;
    let change = fold(memory.state.as_ref(), generation, event)
        .map_err(|e| Failure::permanent(format!("{key} can't be added to")).caused_by(e))?;
    Ok((memory, change))
}

/// Writes a change: the item, and in the same transaction the counts.
fn write(work: Work, generation: Generation, memory: &Memory<Item>, change: Change) -> Work {
    let work = match &change.item {
        Some(item) => work.remember(memory, item),
        None => work,
    };
    if change.counts.is_empty() {
        return work;
    }
    let mut counts = Write::count(TABLE, counts_key(generation));
    for (status, by) in change.counts {
        counts = counts.add(status.as_str(), by);
    }
    work.write(counts)
}

fn did<'a>(changes: impl Iterator<Item = &'a Change>) -> String {
    match changes.filter(|change| change.item.is_some()).last() {
        None => "nothing new".to_owned(),
        Some(Change { status: Some(status), .. }) => format!("shown as {status}"),
        Some(_) => "kept".to_owned(),
    }
}
