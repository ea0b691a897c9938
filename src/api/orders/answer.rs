//! What a verb of `fulfil` is answered with: the order as it stands now, or why nothing was done.

use crate::{
    api::{
        problem::{Kind, Problem},
        state::ApiState,
        words::Words,
    },
    auth::Session,
    domain::order::{OrderState, ShipmentState},
    fulfil::{Actor, BadFigure, Done, FulfilError, What},
    storage::order_views::{self, OrderDetail},
};

pub fn actor(session: &Session) -> Actor {
    Actor { user_id: session.user_id, store_id: session.store_id }
}

/// The order after the verb, whether it was done now or before.
pub async fn order_after(state: &ApiState, session: &Session, done: Done) -> Result<OrderDetail, Problem> {
    let mut db = state.connection().await?;
    let order = order_views::order(&mut db, done.order_id, session.store_id, None).await?;
    order.ok_or(Problem::new(Kind::NotFound))
}

impl From<FulfilError> for Problem {
    fn from(error: FulfilError) -> Self {
        match error {
            FulfilError::NotFound => Kind::NotFound.into(),
            FulfilError::WrongState { order, shipment } => Self::new(Kind::WrongState).detail(stands(order, shipment)),
            FulfilError::RoundRuns => Self::new(Kind::WrongState).detail(Words::fixed(
                "本场还没结束，结束后再取消；急的话请联系总部。",
                "The round is still running: cancel when it is over, or call headquarters.",
            )),
            FulfilError::AlreadyDone => Kind::AlreadyDone.into(),
            FulfilError::Bad(BadFigure { pointer, what }) => Self::invalid(pointer, words(what)),
            FulfilError::Storage(error) => error.into(),
        }
    }
}

fn words(what: What) -> Words {
    match what {
        What::UnknownLine => Words::fixed("订单里没有这一行。", "The order has no such line."),
        What::LineTwice => Words::fixed("这一行写了两次。", "This line is named twice."),
        What::LineMissing => Words::fixed("订单的每一行都要写。", "Every line of the order must be named."),
        What::Above { max } => Words::new(format!("最多 {max}。"), format!("At most {max}.")),
        What::NothingShipped => {
            Words::fixed("一件都不发时请取消订单。", "When nothing is shipped, cancel the order instead.")
        }
        What::ReasonWithoutDifference => {
            Words::fixed("数量没有差异，不用填原因。", "Nothing differs, so there is no reason to give.")
        }
        What::ReasonAgainstFigures => Words::fixed("原因与数量对不上。", "The reason does not fit the figures."),
    }
}

fn stands(order: OrderState, shipment: ShipmentState) -> Words {
    let (order_zh, order_en) = match order {
        OrderState::Approved => ("已确认", "confirmed"),
        OrderState::Shipped => ("已发货", "shipped"),
        OrderState::PartReceived => ("部分收货", "partly received"),
        OrderState::Received => ("已收货", "received"),
        OrderState::Completed => ("已完成", "completed"),
        OrderState::Cancelled => ("已取消", "cancelled"),
    };
    let (shipment_zh, shipment_en) = match shipment {
        ShipmentState::Planned => ("待发", "planned"),
        ShipmentState::Dispatched => ("已交运", "dispatched"),
        ShipmentState::InTransit => ("在途", "in transit"),
        ShipmentState::Arrived => ("已到店", "arrived"),
        ShipmentState::Received => ("已签收", "received"),
        ShipmentState::ReceivedWithDifference => ("有差异签收", "received with a difference"),
        ShipmentState::Cancelled => ("已取消", "cancelled"),
    };
    Words::new(
        format!("订单{order_zh}，运单{shipment_zh}，不能做这一步。刷新后再看"),
        format!("The order is {order_en} and its shipment {shipment_en}: this step is not possible. Reload"),
    )
}
