//! Every code's title and sentence, in both languages, in one table.
//!
//! Short, spoken, exact: the facts, the numbers, the way out; no blame and no luck. `fill` knows what each name in braces
//! is and brings its unit along, so no unit is written here after a quantity.

/// A code, or a code with the case it speaks of.
pub(super) struct Words {
    pub key: &'static str,
    /// Chinese, English.
    pub title: [&'static str; 2],
    pub text: [&'static str; 2],
}

pub(super) const fn words(key: &'static str, title: [&'static str; 2], text: [&'static str; 2]) -> Words {
    Words { key, title, text }
}

/// What a claim, or a line of it, is told.
pub(super) const REASONS: [Words; 25] = [
    words(
        "E01",
        ["未开抢", "Not open"],
        [
            "未开抢。{opens_at_ms} 开，你 {recv_at_ms} 到。到点再点",
            "Not open: opens {opens_at_ms}, you arrived {recv_at_ms}. Tap then",
        ],
    ),
    words(
        "E01_late",
        ["还没开抢", "Not open yet"],
        [
            "还没开抢。本该 {opens_at_ms} 开，总部在准备。过一会儿再点",
            "Not open yet: due {opens_at_ms}, headquarters is getting ready. Tap again in a moment",
        ],
    ),
    words(
        "E01_over",
        ["已经结束", "Closed"],
        [
            "已经结束。{closes_at_ms} 结束，你 {recv_at_ms} 到，晚 {gap_ms}。看看下一场",
            "Closed at {closes_at_ms}, you arrived {recv_at_ms}, {gap_ms} later. See the next round",
        ],
    ),
    words(
        "E02",
        ["总部已暂停", "Paused"],
        ["总部已暂停，时间会补回。恢复时震动提醒", "Paused by headquarters; the time is added back. We will buzz"],
    ),
    words(
        "E03",
        ["还没轮到你店", "Not your turn yet"],
        ["还没轮到你店，{opens_at_ms} 开。到点再点", "Your stage opens at {opens_at_ms}. Tap then"],
    ),
    words(
        "E04",
        ["没邀请你店", "Not invited"],
        ["这场没邀请你店。有疑问找区域主管", "Your store is not invited. Ask your supervisor"],
    ),
    words(
        "E05",
        ["资格暂停", "Suspended"],
        ["资格暂停到 {until_ms}。有疑问找区域主管", "Suspended until {until_ms}. Ask your supervisor"],
    ),
    words(
        "E06",
        ["没铺这个货", "Not listed"],
        [
            "你店没铺{sku}。换别的货，或找区域主管",
            "{sku} is not listed at your store. Take another, or ask your supervisor",
        ],
    ),
    words(
        "E07",
        ["库存够", "Stock is enough"],
        [
            "库存够：现有 {net}，满 {gate} 不参加。留给缺货的店",
            "Stock is enough: {net}, limit {gate}. This one is for stores that run short",
        ],
    ),
    words(
        "E08",
        ["要整箱", "Whole cases only"],
        [
            "要整箱：一箱 {pack}，你填 {asked}。改成 {fix}",
            "Whole cases only: {pack} a case, you asked {asked}. Make it {fix}",
        ],
    ),
    words(
        "E09",
        ["低于最少数量", "Below the minimum"],
        ["最少 {min}，你填 {asked}。多填一点", "At least {min}, you asked {asked}. Ask for more"],
    ),
    words(
        "E10",
        ["超过这个货的上限", "Over the item limit"],
        ["这个货每店最多 {cap}，还能抢 {left}", "{cap} a store for this item, {left} left for you"],
    ),
    words(
        "E11",
        ["超过本场上限", "Over the round limit"],
        ["本场最多 {cap}，已抢 {taken}，还能抢 {left}", "{cap} a round: {taken} taken, {left} left for you"],
    ),
    words(
        "E12",
        ["超过今天上限", "Over the limit for today"],
        [
            "今天最多 {cap}，已抢 {taken}，还能抢 {left}。明天再来",
            "{cap} for today: {taken} taken, {left} left. Again tomorrow",
        ],
    ),
    words(
        "E12_period",
        ["超过本周期上限", "Over the limit for this period"],
        [
            "本周期最多 {cap}，已抢 {taken}，还能抢 {left}。下个周期再来",
            "{cap} for this period: {taken} taken, {left} left. Again next period",
        ],
    ),
    words(
        "E13",
        ["信用不够", "Credit too low"],
        [
            "信用差 {short_cents}：余额 {left_cents}，要 {need_cents}。少抢一点，或找财务",
            "Credit short by {short_cents}: {left_cents} left, {need_cents} needed. Ask for less, or see finance",
        ],
    ),
    words(
        "E14",
        ["已经抢光", "Sold out"],
        [
            "抢光了：{sold_out_at_ms} 抢完，你 {recv_at_ms} 到，晚 {gap_ms}。看看别的货",
            "Sold out at {sold_out_at_ms}, you arrived {recv_at_ms}, {gap_ms} later. Try another item",
        ],
    ),
    words(
        "E14_left",
        ["剩下不够", "Not enough left"],
        [
            "剩下不够：你 {recv_at_ms} 到时还有 {left}。改少一点，或换别的货",
            "Not enough left: {left} when you arrived {recv_at_ms}. Ask for less, or try another item",
        ],
    ),
    words(
        "E15",
        ["已入场", "Already in"],
        ["已入场，一个货一张单。可以改数量", "Already in, one claim an item. You may change it"],
    ),
    words(
        "E16",
        ["点太快了", "Too fast"],
        ["点太快了，{retry_after_ms}后再点", "Too fast. Tap again in {retry_after_ms}"],
    ),
    words("E17", ["收货位满", "Dock full"], ["{date}收货位满，还能收 {left}", "Dock full on {date}, room for {left}"]),
    words(
        "E18",
        ["先签收", "Sign first"],
        ["先签收：{open} 单到货没签收，签完就能抢", "Sign first: {open} open. Then you can grab"],
    ),
    words(
        "E19",
        ["规则刚更新", "Rules were updated"],
        ["规则刚更新，已刷新。请再点一次", "Rules were updated and reloaded. Tap again"],
    ),
    words(
        "E20",
        ["单子有误", "Something is wrong"],
        ["单子有误，没有提交。请重新选数量", "Something is wrong with the claim; not sent. Choose again"],
    ),
    words(
        "overloaded",
        ["人太多", "Too busy"],
        ["人太多，这次没算。再点一次", "Too busy, this tap did not count. Tap again"],
    ),
];

/// What any other request is told.
pub(super) const PROBLEMS: [Words; 35] = [
    words(
        "sign_in",
        ["请先登录", "Sign in"],
        ["登录已过期。重新登录", "You are not signed in, or no longer. Sign in again"],
    ),
    words(
        "bad_login",
        ["登录失败", "Sign-in failed"],
        ["账号或密码不对。核对后再试", "The login or the password is wrong. Check both and try again"],
    ),
    words(
        "token_reused",
        ["这台设备已退出", "This device was signed out"],
        [
            "登录凭证被用了两次，可能有人复制了，这台设备已退出。重新登录并改密码",
            "Its sign-in was used twice, so somebody may have a copy. Sign in again and change the password",
        ],
    ),
    words(
        "locked",
        ["账号暂停登录", "Locked for a while"],
        [
            "密码错太多次，这个账号先停一停。过一刻钟再试，或找店长重置",
            "Too many wrong passwords. Try again in a quarter of an hour, or ask for a reset",
        ],
    ),
    words(
        "pending",
        ["等待批准", "Waiting for approval"],
        ["账号还没批准。找店长或总部", "Your account waits for approval. Ask your manager or headquarters"],
    ),
    words(
        "password_change_needed",
        ["先改密码", "Change your password first"],
        ["这是别人给的密码。先改成自己的，再做别的", "This password was given to you. Choose one of your own first"],
    ),
    words(
        "bad_setup_token",
        ["口令不对", "Wrong setup token"],
        ["口令不对。它写在服务器启动日志里", "That is not the token. It stands in the server's log at its start"],
    ),
    words(
        "bad_invite",
        ["邀请码不能用", "The invite is not good"],
        ["邀请码不对、过期或已用过。找邀请你的人要新的", "The code is wrong, too old or used. Ask for a new one"],
    ),
    words(
        "login_taken",
        ["账号已有人用", "Login taken"],
        ["这个账号已有人用。换一个", "Somebody has this login. Choose another"],
    ),
    words(
        "not_allowed",
        ["没有权限", "Not allowed"],
        ["你的岗位不能做这一步。找有权限的同事", "Your role may not do this. Ask a colleague whose role may"],
    ),
    words(
        "not_found",
        ["找不到", "Not found"],
        ["没有这一项，或不归你店。刷新看看", "There is no such thing, or it is not yours. Reload"],
    ),
    words(
        "no_such_method",
        ["不支持的方法", "Method not allowed"],
        ["这个地址不接受这种方法。用法见 /docs", "This address does not take that method. See /docs"],
    ),
    words(
        "invalid",
        ["内容不符合要求", "Not acceptable as it is"],
        ["有内容要改。按提示改好再提交", "Something has to change. Mend what is pointed at and send it again"],
    ),
    words(
        "bad_frame",
        ["消息看不懂", "Not understood"],
        [
            "这条消息看不懂，没有处理。刷新页面再试",
            "This message could not be read and nothing was done. Reload and try again",
        ],
    ),
    words(
        "not_json",
        ["只接受 JSON", "JSON only"],
        ["用未压缩的 application/json（UTF-8）提交", "Send application/json in UTF-8, not compressed"],
    ),
    words(
        "not_a_table",
        ["不是表格文件", "Not a table"],
        [
            "只接受未压缩的 CSV 或 XLSX 文件本身。文件就是请求内容",
            "Send a CSV or XLSX file as it is, as the whole body, not compressed",
        ],
    ),
    words("too_large", ["内容太大", "Too large"], ["内容太大。分几次提交", "Too large. Send it in smaller parts"]),
    words(
        "uri_too_long",
        ["地址太长", "Address too long"],
        ["地址太长。去掉多余的查询参数再试", "The address is too long. Leave out parameters and try again"],
    ),
    words(
        "cut_short",
        ["没有传完", "Not complete"],
        ["内容没有及时传完。检查网络后再提交", "The body did not arrive in time. Check the network and send it again"],
    ),
    words(
        "changed",
        ["别人刚改过", "Changed meanwhile"],
        ["你看过以后别人改过。刷新再改", "Somebody changed it after you read it. Read it again first"],
    ),
    words(
        "if_match_missing",
        ["缺少 If-Match", "If-Match is missing"],
        ["带上读取时得到的 ETag 再提交", "Send the ETag that you got when you read it"],
    ),
    words(
        "wrong_state",
        ["现在不能做这一步", "Not in this state"],
        ["状态已经变了。刷新后再看", "It has moved on. Reload and go on from where it stands"],
    ),
    words(
        "already_done",
        ["这一步已经做过", "Already done differently"],
        ["这一步已按别的内容做完。刷新看结果", "This step was already done with other figures. Reload to see them"],
    ),
    words(
        "not_enough_stock",
        ["库存不够", "Not enough stock"],
        ["可用库存不够。减少数量，或换仓库", "Too little is available. Lower the quantity or change the warehouse"],
    ),
    words(
        "second_person_needed",
        ["要另一个人批准", "A second person is needed"],
        [
            "热门场次要另一位主管批准：不是提请的人，也不是最后改草稿的人。请同事来批",
            "A hot round needs another supervisor: not who asked for it, nor who changed it last. Ask a colleague",
        ],
    ),
    words(
        "too_many_rows",
        ["行数太多", "Too many rows"],
        [
            "超过 10 万行，放不进一个 Excel 文件。改成 CSV，或缩小范围",
            "More than 100,000 rows do not go into one workbook. Choose CSV, or narrow it down",
        ],
    ),
    words(
        "bad_rows",
        ["有错误的行", "Rows with errors"],
        ["还有错误的行。改好，或选择跳过", "Some rows have errors. Mend them, or say that they are to be skipped"],
    ),
    words(
        "changed_since",
        ["后来有改动", "Changed since"],
        [
            "这些行后来有改动或被用到，整批不能撤销。逐行改",
            "These rows were changed or used since: the job cannot be undone as a whole. Change them one by one",
        ],
    ),
    words(
        "already_applied",
        ["已经导入过", "Taken over before"],
        [
            "同一个文件已经导入过。确要再来一次，重传并选“再次导入”",
            "This very file was taken over before. To do so once more, send it again with again=true",
        ],
    ),
    words(
        "too_many_imports",
        ["导入太多", "Too many imports"],
        ["还没办完的导入太多。确认或删掉几个再传", "Too many imports are under way. Confirm or drop some first"],
    ),
    words(
        "unavailable",
        ["暂时没有回应", "Unavailable"],
        [
            "暂时没有回应，结果以服务器为准。同一单稍后再发",
            "No answer for now; the server decides. Send the same again in a moment",
        ],
    ),
    words(
        "no_socket",
        ["不是 WebSocket", "Not a WebSocket"],
        [
            "这里只接受 WebSocket 第 13 版的握手。用法见文档",
            "Only a WebSocket handshake of version 13 is answered here. See the documents",
        ],
    ),
    words(
        "too_many_sockets",
        ["页面开得太多", "Too many pages open"],
        [
            "你或你店开着的页面太多。关掉几个再进",
            "You or your store have too many pages open. Close some and come back",
        ],
    ),
    words("too_fast", ["太快了", "Too fast"], ["太快了。等一会儿再试", "Too fast. Wait a moment and try again"]),
    words(
        "internal",
        ["我们出了故障", "Something broke"],
        ["我们这边出了故障，已经记下。稍后再试", "Something broke on our side and was recorded. Try again later"],
    ),
];
