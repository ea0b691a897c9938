//! Which region a store belongs to: one of the twelve cities with the most stores of the chain,
//! the store's own or the nearest. Real cities and coordinates, derived regions.

use std::collections::BTreeMap;

/// A place in millionths of a degree, so that no rounding differs between machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub lat_micro: i64,
    pub lng_micro: i64,
}

const REGIONS_MAX: usize = 12;
/// For a store without coordinates in a city without any.
pub const REGION_UNKNOWN: &str = "Other";

/// At 42° north a degree of longitude is 743 thousandths of a degree of latitude long, which is
/// all the geometry that "nearest city" within one state asks for.
const LNG_SCALE_MILLI: i64 = 743;

pub struct Regions {
    /// The twelve cities, and where the middle of their stores lies if that is known.
    cities: BTreeMap<String, Option<Place>>,
    /// Where the middle of each city's stores lies, for stores without coordinates.
    middles: BTreeMap<String, Place>,
}

impl Regions {
    pub fn of<'a>(stores: impl Iterator<Item = (&'a str, Option<Place>)>) -> Self {
        let mut places: BTreeMap<&str, Vec<Option<Place>>> = BTreeMap::new();
        for (city, place) in stores {
            places.entry(city).or_default().push(place);
        }
        let middles: BTreeMap<String, Place> =
            places.iter().filter_map(|(city, places)| Some(((*city).to_owned(), middle(places)?))).collect();
        let mut biggest: Vec<(&str, usize)> = places.iter().map(|(city, places)| (*city, places.len())).collect();
        // The sort is stable and the map sorted, so equal cities come in alphabetical order.
        biggest.sort_by_key(|(_, stores)| std::cmp::Reverse(*stores));
        let cities = biggest
            .into_iter()
            .take(REGIONS_MAX)
            .map(|(city, _)| (city.to_owned(), middles.get(city).copied()))
            .collect();
        Self { cities, middles }
    }

    pub fn region(&self, city: &str, place: Option<Place>) -> String {
        if self.cities.contains_key(city) {
            return title(city);
        }
        let place = place.or_else(|| self.middles.get(city).copied());
        let nearest = place.and_then(|place| {
            self.cities.iter().filter_map(|(city, middle)| Some((distance(place, (*middle)?), city))).min()
        });
        nearest.map_or_else(|| REGION_UNKNOWN.to_owned(), |(_, city)| title(city))
    }
}

fn middle(places: &[Option<Place>]) -> Option<Place> {
    let known: Vec<Place> = places.iter().copied().flatten().collect();
    let count = i64::try_from(known.len()).ok().filter(|count| *count > 0)?;
    Some(Place {
        lat_micro: known.iter().map(|place| place.lat_micro).sum::<i64>() / count,
        lng_micro: known.iter().map(|place| place.lng_micro).sum::<i64>() / count,
    })
}

/// The square of the distance: enough to tell which is nearer.
fn distance(a: Place, b: Place) -> i64 {
    let north = a.lat_micro - b.lat_micro;
    let east = (a.lng_micro - b.lng_micro) * LNG_SCALE_MILLI / 1000;
    north * north + east * east
}

/// "WEST DES MOINES" reads better as "West Des Moines".
fn title(city: &str) -> String {
    let words = city.split(' ').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
        })
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: i64, lng: i64) -> Option<Place> {
        Some(Place { lat_micro: lat * 1_000_000, lng_micro: lng * 1_000_000 })
    }

    fn two_cities_and_a_village() -> Regions {
        let big = (0..12).flat_map(|city| [(city, 0), (city, 1)]);
        let stores: Vec<(String, Option<Place>)> = big
            .map(|(city, _)| (format!("CITY {city:02}"), at(42, -90 - city)))
            .chain([("FARAWAY".to_owned(), at(43, -93)), ("NOWHERE".to_owned(), None)])
            .collect();
        Regions::of(stores.iter().map(|(city, place)| (city.as_str(), *place)))
    }

    #[test]
    fn a_big_city_is_its_own_region() {
        assert_eq!(two_cities_and_a_village().region("CITY 03", at(42, -101)), "City 03");
    }

    #[test]
    fn a_village_belongs_to_the_nearest_big_city() {
        assert_eq!(two_cities_and_a_village().region("FARAWAY", at(43, -95)), "City 05");
    }

    #[test]
    fn a_store_without_coordinates_is_looked_for_in_the_middle_of_its_city() {
        assert_eq!(two_cities_and_a_village().region("FARAWAY", None), "City 03");
        assert_eq!(two_cities_and_a_village().region("NOWHERE", None), REGION_UNKNOWN);
    }
}
