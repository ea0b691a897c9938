//! What is told about WeChat and WeCom, as doors to this house.

use super::words::{Words, words};

pub(super) const CHANNELS: [Words; 9] = [
    words(
        "wechat_unbound",
        ["微信还没绑定", "WeChat is not bound"],
        [
            "这个微信还没绑定账号。用密码登录，或用邀请码注册，再到「我的账号」绑定",
            "No account is bound to this WeChat. Sign in by password or register with an invite, then bind it in your account",
        ],
    ),
    words(
        "wecom_unbound",
        ["企业微信还没绑定", "WeCom is not bound"],
        [
            "这个企业微信还没绑定账号。用密码登录，或用邀请码注册，再到「我的账号」绑定",
            "No account is bound to this WeCom member. Sign in by password or register with an invite, then bind it in your account",
        ],
    ),
    words(
        "wechat_taken",
        ["微信已经绑过", "WeChat is bound already"],
        [
            "这个微信绑了别的账号，或你的账号绑了别的微信。先解绑，再绑定",
            "This WeChat has another account, or your account another WeChat. Unbind first, then bind",
        ],
    ),
    words(
        "wecom_taken",
        ["企业微信已经绑过", "WeCom is bound already"],
        [
            "这个企业微信绑了别的账号，或你的账号绑了别的企业微信。先解绑，再绑定",
            "This member has another account, or your account another member. Unbind first, then bind",
        ],
    ),
    words(
        "wechat_code_invalid",
        ["微信登录码不能用", "The WeChat code is not good"],
        [
            "微信登录码过期或用过了。重新打开小程序再试",
            "The code of WeChat is too old or used. Open the mini-program again and try once more",
        ],
    ),
    words(
        "wecom_code_invalid",
        ["企业微信登录码不能用", "The WeCom code is not good"],
        [
            "企业微信登录码过期或用过了。再点一次企业微信登录",
            "The code of WeCom is too old or used. Choose sign-in by WeCom once more",
        ],
    ),
    words(
        "wechat_user_blocked",
        ["微信拦住了这个号", "Blocked by WeChat"],
        [
            "微信认为这个号有风险，没让登录。用密码登录，或去微信解除",
            "WeChat sees a risk and did not let you in. Sign in by password, or have WeChat lift it",
        ],
    ),
    words(
        "not_configured",
        ["这里没有开通", "Not switched on here"],
        [
            "这里没有开通这一项。用账号密码登录，或找总部开通",
            "This is not switched on here. Sign in by password, or ask headquarters to switch it on",
        ],
    ),
    words(
        "channel_away",
        ["微信没有回应", "WeChat does not answer"],
        [
            "微信或企业微信暂时没有回应。稍后再试，或用密码登录",
            "WeChat or WeCom does not answer for now. Try again in a moment, or sign in by password",
        ],
    ),
];
