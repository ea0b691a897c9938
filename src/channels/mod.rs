//! Other houses' doors: WeChat and WeCom say who somebody is, and WeChat carries messages to those whose page is closed.
//! All of it is off until the settings name a secret; everything else works whole without.
//!
//! A call is one HTTP request, bounded in time, size and number (`ask`). Access tokens are shared by all nodes through Redis
//! (`access_token`). Secrets, codes, session keys and tokens stand in addresses and bodies there, so nothing here logs or
//! passes on an address or a body.

pub mod settings;

mod access_token;
mod ask;
pub mod fault;

mod messenger;
mod wechat;
mod wecom;

use crate::hot::Hot;
pub use fault::Fault;
pub use messenger::{Messenger, Step};
pub use settings::{WechatSettings, WecomSettings};
pub use wechat::WeChat;
pub use wecom::WeCom;

/// What is switched on.
#[derive(Clone, Default)]
pub struct Channels {
    pub wechat: Option<WeChat>,
    pub wecom: Option<WeCom>,
}

impl Channels {
    pub fn new(wechat: &WechatSettings, wecom: &WecomSettings, hot: &Hot) -> Result<Self, Fault> {
        Ok(Self {
            wechat: wechat.is_on().then(|| WeChat::new(wechat, hot)).transpose()?,
            wecom: wecom.is_on().then(|| WeCom::new(wecom, hot)).transpose()?,
        })
    }
}
