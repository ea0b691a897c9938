//! Which column is what: headers in Chinese or English, by a table that `docs/import.md` shows.

use super::{table::Cells, table::column_name};
use crate::domain::{
    import::{ImportKind, Rights},
    import_fault::{Failure, FailureCode},
};

/// A column that a kind knows.
pub(super) struct Field {
    /// As documents and answers name it.
    pub name: &'static str,
    pub required: bool,
    /// The first that stands in the header counts.
    pub aliases: &'static [&'static str],
}

const fn field(name: &'static str, required: bool, aliases: &'static [&'static str]) -> Field {
    Field { name, required, aliases }
}

pub(super) mod stores {
    pub const CODE: usize = 0;
    pub const NAME: usize = 1;
    pub const REGION: usize = 2;
    pub const LAT: usize = 3;
    pub const LNG: usize = 4;
    pub const STATUS: usize = 5;
    pub const DOCK: usize = 6;
    pub const CREDIT: usize = 7;
}

const STORES: &[Field] = &[
    field(
        "code",
        true,
        &["code", "store_code", "store", "store no", "门店编号", "门店编码", "门店代码", "店号", "编号", "编码"],
    ),
    field("name", true, &["name", "store_name", "门店名称", "门店名", "店名", "名称"]),
    field("region", true, &["region", "area", "区域", "大区", "片区", "city", "城市"]),
    field("lat", false, &["lat", "latitude", "纬度"]),
    field("lng", false, &["lng", "lon", "long", "longitude", "经度"]),
    field("status", false, &["status", "状态", "营业状态"]),
    field("dock_units_per_day", false, &["dock_units_per_day", "dock", "每日收货量", "收货上限", "日收货量"]),
    field("credit_limit", false, &["credit_limit", "credit", "信用额度", "授信额度"]),
];

pub(super) mod skus {
    pub const CODE: usize = 0;
    pub const NAME: usize = 1;
    pub const CATEGORY: usize = 2;
    pub const BRAND: usize = 3;
    pub const CASE_PACK: usize = 4;
    pub const INNER_PACK: usize = 5;
    pub const BROKEN_CASE_OK: usize = 6;
    pub const PRICE: usize = 7;
    pub const BARCODE: usize = 8;
    pub const CASE_BARCODE: usize = 9;
}

const SKUS: &[Field] = &[
    field(
        "code",
        true,
        &["sku", "code", "sku_code", "item", "item no", "商品编号", "商品编码", "货号", "编号", "编码"],
    ),
    field("name", true, &["name", "sku_name", "description", "商品名称", "品名", "名称"]),
    field("category", true, &["category", "分类", "品类", "类别"]),
    field("brand", false, &["brand", "vendor", "品牌", "供应商"]),
    field("case_pack", true, &["case_pack", "pack", "箱规", "装箱数", "箱入数"]),
    field("inner_pack", false, &["inner_pack", "中包", "中包数"]),
    field("broken_case_ok", false, &["broken_case_ok", "broken_case", "拆零", "可拆零"]),
    field("price", true, &["price", "unit_price", "list_price", "单价", "价格", "售价", "标价"]),
    field("barcode", false, &["barcode", "upc", "ean", "条码", "条形码", "单品条码"]),
    field("case_barcode", false, &["case_barcode", "箱码", "箱条码", "外箱条码"]),
];

pub(super) mod prices {
    pub const SKU: usize = 0;
    pub const PRICE: usize = 1;
}

const PRICES: &[Field] = &[
    field("sku", true, &["sku", "code", "sku_code", "item", "商品编号", "商品编码", "货号", "编号", "编码"]),
    field("price", true, &["price", "unit_price", "list_price", "单价", "价格", "售价", "标价", "新价"]),
];

pub(super) mod stock {
    pub const SITE: usize = 0;
    pub const SKU: usize = 1;
    pub const ON_HAND: usize = 2;
    pub const AS_OF: usize = 3;
}

const STOCK: &[Field] = &[
    field(
        "site",
        true,
        &[
            "site",
            "warehouse",
            "wh",
            "store",
            "store_code",
            "仓库",
            "仓库编号",
            "门店",
            "门店编号",
            "仓库/门店",
            "地点",
        ],
    ),
    field("sku", true, &["sku", "code", "sku_code", "item", "商品编号", "商品编码", "货号", "编号", "编码"]),
    field("on_hand", true, &["on_hand", "quantity", "qty", "units", "库存", "实有", "实有数", "库存数量", "数量"]),
    field("as_of", false, &["as_of", "counted_at", "time", "盘点时间", "截至时间", "时间"]),
];

pub(super) mod sales {
    pub const DAY: usize = 0;
    pub const STORE: usize = 1;
    pub const SKU: usize = 2;
    pub const UNITS: usize = 3;
    pub const ORDER_NO: usize = 4;
    pub const LINE_NO: usize = 5;
}

const SALES: &[Field] = &[
    field("date", true, &["date", "day", "日期", "销售日期", "业务日期"]),
    field("store", true, &["store_code", "store", "门店编号", "门店编码", "门店代码", "店号", "门店"]),
    field("sku", true, &["sku", "sku_code", "item", "商品编号", "商品编码", "货号"]),
    field("quantity", true, &["quantity", "qty", "units", "销量", "数量", "销售数量"]),
    field("order_no", false, &["order_no", "order", "invoice", "receipt_no", "单号", "订单号", "小票号"]),
    field("line_no", false, &["line_no", "line", "行号", "序号"]),
];

pub(super) fn fields(kind: ImportKind) -> &'static [Field] {
    match kind {
        ImportKind::Stores => STORES,
        ImportKind::Skus => SKUS,
        ImportKind::Prices => PRICES,
        ImportKind::Stock => STOCK,
        ImportKind::Sales => SALES,
    }
}

/// Where each field stands.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub headers: Vec<String>,
    places: Vec<Option<usize>>,
}

impl Columns {
    /// Finds the fields in a header row, or says which are missing and what stood there instead.
    pub fn find(kind: ImportKind, header: &Cells<'_>, rights: Rights) -> Result<Self, Failure> {
        let headers: Vec<String> = header.iter().map(|cell| super::faults::shown(cell.trim())).collect();
        let keys: Vec<String> = headers.iter().map(|header| key(header)).collect();
        let fields = fields(kind);
        let find =
            |field: &Field| field.aliases.iter().find_map(|alias| keys.iter().position(|key| *key == self::key(alias)));
        let mut places: Vec<Option<usize>> = fields.iter().map(find).collect();
        // A line needs both of its numbers.
        if kind == ImportKind::Sales && (places[sales::ORDER_NO].is_none() || places[sales::LINE_NO].is_none()) {
            places[sales::ORDER_NO] = None;
            places[sales::LINE_NO] = None;
        }
        let missing: Vec<&str> = fields
            .iter()
            .zip(&places)
            .filter(|(field, place)| field.required && place.is_none())
            .map(|(field, _)| field.name)
            .collect();
        let columns = Self { headers, places };
        if !missing.is_empty() {
            let unknown: Vec<&str> = columns
                .headers
                .iter()
                .enumerate()
                .filter(|(at, header)| columns.field_at(*at).is_none() && !header.is_empty())
                .map(|(_, header)| header.as_str())
                .take(30)
                .collect();
            return Err(Failure::new(FailureCode::ColumnsMissing)
                .with("missing", missing.join(", "))
                .with("unknown", if unknown.is_empty() { "–".to_owned() } else { unknown.join(", ") }));
        }
        if kind == ImportKind::Stores
            && !rights.set_credit
            && let Some(at) = columns.place(stores::CREDIT)
        {
            let column = format!("{} {}", column_name(at), columns.headers[at]);
            return Err(Failure::new(FailureCode::ColumnNotYours).with("column", column));
        }
        Ok(columns)
    }

    pub fn place(&self, field: usize) -> Option<usize> {
        self.places.get(field).copied().flatten()
    }

    /// Which field a column of the file is; `None`: it is not read.
    pub fn field_at(&self, column: usize) -> Option<usize> {
        self.places.iter().position(|place| *place == Some(column))
    }
}

/// A header without what people write differently: case, spaces, lines, and what stands in brackets.
fn key(header: &str) -> String {
    let header = header.split(['(', '（', '[', '【']).next().unwrap_or_default();
    header.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{borrow::Cow, collections::BTreeSet};

    const ALL: Rights = Rights { set_prices: true, set_credit: true, count_stores: true };

    fn header(names: &[&str]) -> Cells<'static> {
        names.iter().map(|name| Cow::Owned((*name).to_owned())).collect()
    }

    #[test]
    fn headers_are_found_in_both_languages() {
        for names in [
            ["date", "store_code", "sku", "quantity"],
            ["日期", "门店编号", "商品编码", "数量（瓶）"],
            [" Date ", "Store Code", "SKU", "Qty"],
        ] {
            let columns = Columns::find(ImportKind::Sales, &header(&names), ALL).expect("is found");
            assert_eq!(
                [sales::DAY, sales::STORE, sales::SKU, sales::UNITS].map(|field| columns.place(field)),
                [0, 1, 2, 3].map(Some)
            );
        }
        let columns =
            Columns::find(ImportKind::Stores, &header(&["code", "name", "city", "region"]), ALL).expect("is found");
        assert_eq!(columns.place(stores::REGION), Some(3), "the better name wins");
        assert_eq!(columns.field_at(2), None);
    }

    #[test]
    fn missing_and_unknown_columns_are_named() {
        let failure = Columns::find(ImportKind::Prices, &header(&["货号", "金币"]), ALL).expect_err("is refused");
        assert_eq!(failure.code, FailureCode::ColumnsMissing);
        assert_eq!((&failure.numbers["missing"], &failure.numbers["unknown"]), (&"price".into(), &"金币".into()));
    }

    #[test]
    fn credit_is_not_everybodys_to_give() {
        let none = Rights { set_credit: false, ..ALL };
        let failure = Columns::find(ImportKind::Stores, &header(&["code", "name", "region", "credit"]), none);
        assert_eq!(failure.expect_err("is refused").code, FailureCode::ColumnNotYours);
    }

    #[test]
    fn no_two_fields_of_a_kind_share_a_name_and_the_documents_show_all() {
        let docs = include_str!("../../docs/import.md");
        for kind in ImportKind::ALL {
            let mut seen = BTreeSet::new();
            for alias in fields(kind).iter().flat_map(|field| field.aliases) {
                assert!(seen.insert(key(alias)), "{kind:?} {alias}");
                assert!(docs.contains(alias), "docs/import.md lacks {alias}");
            }
        }
    }
}
