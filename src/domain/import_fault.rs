//! What can be wrong or odd with a file and its rows, in words. An error keeps its row out of the books; a warning is only
//! told. The codes and their numbers are the contract; the words may change.

use super::lang::Lang;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($code:ident $text:literal $severity:ident: $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        pub enum $name {
            $(#[serde(rename = $text)] #[sqlx(rename = $text)] $code,)+
        }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$code),+];

            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $text,)+ }
            }

            pub fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity,)+ }
            }

            fn words(self) -> [&'static str; 2] {
                match self { $(Self::$code => [$zh, $en],)+ }
            }
        }
    };
}

codes! {
    /// Of a row.
    FaultCode {
        Missing "missing" Error: "这里要填", "This must be filled in";
        TooLong "too_long" Error: "最多 {max} 个字", "At most {max} characters";
        BadSign "bad_sign" Error: "含有看不见的控制字符。删掉重填", "There are control characters in it. Type it anew";
        BrokenCode "broken_code" Error: "编号里有乱码（�）。按原编号重填", "The code has a broken character (�). Type it anew";
        CellError "cell_error" Error: "表格公式出错。改成数值", "A formula of the workbook failed here. Put the value";
        NotWhole "not_whole" Error: "要填整数", "This must be a whole number";
        OutOfRange "out_of_range" Error: "要在 {min} 到 {max} 之间", "This must be from {min} to {max}";
        NotMoney "not_money" Error: "要填金额，最多两位小数", "This must be an amount with at most two decimals";
        BadDay "bad_day" Error: "日期写成 2026-11-22", "Write the day as 2026-11-22";
        FutureDay "future_day" Error: "日期还没到。今天是 {today}", "This day is still to come. Today is {today}";
        BadTime "bad_time" Error: "时间写成 2026-11-22 06:00", "Write the time as 2026-11-22 06:00";
        FutureTime "future_time" Error: "时间还没到", "This time is still to come";
        NotYesNo "not_yes_no" Error: "填 是 或 否", "Put yes or no";
        BadStatus "bad_status" Error: "填 营业 或 停业", "Put active or inactive";
        BadBarcode "bad_barcode" Error: "条码只有 6 到 14 位数字", "A barcode has 6 to 14 digits";
        BadPlace "bad_place" Error: "纬度 -90 到 90、经度 -180 到 180", "Latitude from -90 to 90, longitude from -180 to 180";
        ExtraCells "extra_cells" Error: "比表头多出内容。可能少了引号", "There is more than the header has columns. Quotes may be missing";
        UnknownStore "unknown_store" Error: "没有这家门店，或不在你的区域。先导入门店", "There is no such store, or it is not in your regions. Import the stores first";
        UnknownSite "unknown_site" Error: "没有这个仓库或门店", "There is no such warehouse or store";
        UnknownSku "unknown_sku" Error: "没有这个商品。先导入商品", "There is no such SKU. Import the goods first";
        NotYourRegion "not_your_region" Error: "不在你的区域。请总部导入", "This is outside your regions. Ask headquarters";
        NotYourSite "not_your_site" Error: "仓库只盘仓库。门店库存由管理员导入", "The warehouse counts warehouses. An administrator feeds stock of stores";
        DoubledRow "doubled_row" Error: "和第 {row} 行重复。留一行", "The same as row {row}. Keep one of them";
        AmbiguousSite "ambiguous_site" Error: "仓库和门店都用这个编号，分不清", "A warehouse and a store both have this code";
        LineElsewhere "line_elsewhere" Error: "这个单号行号属于门店 {store}。单号要全连锁唯一", "This order and line are of store {store}. Order numbers must be unique in the chain";
        DayHasTotal "day_has_total" Error: "这家店这天已按合计导入，再按明细会重复", "This day was fed as a total; lines would count twice";
        DayHasLines "day_has_lines" Error: "这家店这天已按明细导入，再按合计会重复", "This day was fed line by line; a total would count twice";
        BelowPromised "below_promised" Error: "已承诺 {promised}，实有不能更少。先处理订单或场次", "{promised} are promised to orders and rounds: fewer cannot be on hand. Settle those first";
        Returned "returned" Warning: "负数，按退货计", "Below zero: counted as brought back";
        SummedUp "summed_up" Warning: "同店同品同日还有第 {row} 行，已相加", "Row {row} is of the same store, SKU and day: both are added up";
        BrokenText "broken_text" Warning: "有乱码（�），照原样保存", "It has a broken character (�) and is kept as it is";
        NoBarcode "no_barcode" Warning: "没有条码，扫不出来", "Without a barcode it cannot be scanned";
        SharedBarcode "shared_barcode" Warning: "条码和第 {row} 行相同，扫码时要选", "Row {row} has the same barcode: a scan will have to ask";
        NoCaseBarcode "no_case_barcode" Warning: "箱码是 0，当作没有", "A case barcode of 0 counts as none";
        InnerOverCase "inner_over_case" Warning: "中包比箱规大，当作没有中包", "An inner pack larger than the case counts as none";
        NoPlace "no_place" Warning: "没有经纬度", "Without coordinates";
        NoCredit "no_credit" Warning: "新门店信用额度为 0，请财务设置", "A new store without a credit limit can order nothing. Ask finance to set it";
        NoDock "no_dock" Warning: "新门店没填收货量，按每天 {units} 件", "A new store without a dock limit takes {units} units a day";
        PriceKept "price_kept" Warning: "已有商品的价格归财务改，这里不改", "Prices of known SKUs are set by finance: this one stays";
    }
}

codes! {
    /// Of a file: nothing can come of it.
    FailureCode {
        Empty "empty" Error: "文件是空的", "The file is empty";
        OnlyHeader "only_header" Error: "只有表头，没有数据", "There is a header and no row below it";
        OldExcel "old_excel" Error: "这是旧版 .xls。另存为 .xlsx 再传", "This is an old .xls. Save it as .xlsx and send that";
        NotAWorkbook "not_a_workbook" Error: "工作簿打不开。用 Excel 另存为 .xlsx 再传", "The workbook cannot be opened. Save it anew as .xlsx";
        NoSheet "no_sheet" Error: "工作簿里没有工作表", "The workbook has no sheet";
        TooMuchInside "too_much_inside" Error: "解压后超过 {max} MB，没有读", "Unpacked it is larger than {max} MB and was not read";
        WrongEncoding "wrong_encoding" Error: "不是 {encoding} 编码。换一种，或另存为 UTF-8", "This is not {encoding}. Name another encoding or save it as UTF-8";
        UnknownEncoding "unknown_encoding" Error: "认不出编码。另存为 UTF-8 再传", "The encoding is not known. Save it as UTF-8";
        OpenQuote "open_quote" Error: "{cell} 的引号没有关上，后面读不出", "The quote at {cell} is never closed: what follows cannot be read";
        CellTooLong "cell_too_long" Error: "{cell} 超过 32 KiB。可能少了引号", "{cell} is longer than 32 KiB. A quote may be missing";
        TooManyRows "too_many_rows" Error: "超过 {max} 行。分几个文件", "More than {max} rows. Make several files of it";
        TooManyColumns "too_many_columns" Error: "超过 {max} 列", "More than {max} columns";
        ColumnsMissing "columns_missing" Error: "缺少列：{missing}。没认出的列：{unknown}", "Columns are missing: {missing}. Not recognised: {unknown}";
        ColumnNotYours "column_not_yours" Error: "你的岗位不能导入列 {column}。去掉这列再传", "Your role may not feed the column {column}. Leave it out";
        AlreadyApplied "already_applied" Error: "同一个文件刚刚已导入", "The same file was taken over meanwhile";
        GivenUp "given_up" Error: "试了几次都中断。再传一次，或找运维", "It broke off several times. Send it again, or ask the operator";
    }
}

/// What a sentence names.
pub type Numbers = Map<String, Value>;

/// Why nothing came of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub code: FailureCode,
    #[serde(default)]
    pub numbers: Numbers,
}

impl Failure {
    pub fn new(code: FailureCode) -> Self {
        Self { code, numbers: Numbers::new() }
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.numbers.insert(name.to_owned(), value.into());
        self
    }

    pub fn sentence(&self, lang: Lang) -> String {
        fill(self.code.words(), lang, &self.numbers)
    }
}

pub fn sentence(code: FaultCode, lang: Lang, numbers: &Numbers) -> String {
    fill(code.words(), lang, numbers)
}

fn fill([zh, en]: [&'static str; 2], lang: Lang, numbers: &Numbers) -> String {
    let mut text = match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
    .to_owned();
    for (name, value) in numbers {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn names(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|tail| tail.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn both_languages_name_the_same_and_speak_calmly() {
        let rows = FaultCode::ALL.iter().map(|code| (code.name(), code.words()));
        for (name, [zh, en]) in rows.chain(FailureCode::ALL.iter().map(|code| (code.name(), code.words()))) {
            assert_eq!(names(zh), names(en), "{name}");
            assert!(!zh.contains(['!', '！', '您', ',', ';']) && !en.contains('!'), "{name}");
            assert!(!zh.ends_with('。') && !en.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn a_name_on_the_wire_is_the_name_in_the_books() {
        for code in FaultCode::ALL {
            assert_eq!(json!(code), json!(code.name()));
        }
        for code in FailureCode::ALL {
            assert_eq!(json!(code), json!(code.name()));
        }
    }

    #[test]
    fn numbers_are_filled_in() {
        let failure = Failure::new(FailureCode::OpenQuote).with("cell", "B17");
        assert_eq!(failure.sentence(Lang::En), "The quote at B17 is never closed: what follows cannot be read");
        let numbers = Numbers::from_iter([("row".to_owned(), json!(3))]);
        assert_eq!(sentence(FaultCode::DoubledRow, Lang::Zh, &numbers), "和第 3 行重复。留一行");
    }
}
