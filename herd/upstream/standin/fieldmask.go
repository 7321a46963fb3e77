package standin

import (
	"fmt"
	"slices"
	"strings"
)

// placeFields are the names that Google documents for a place; others are refused. The stand-in has few of them to give,
// as many a real place has.
const placeFields = "accessibilityOptions addressComponents addressDescriptor adrFormatAddress allowsDogs attributions businessStatus " +
	"containingPlaces curbsidePickup currentOpeningHours currentSecondaryOpeningHours delivery dineIn displayName editorialSummary " +
	"evChargeAmenitySummary evChargeOptions formattedAddress fuelOptions generativeSummary goodForChildren goodForGroups " +
	"goodForWatchingSports googleMapsLinks googleMapsUri iconBackgroundColor iconMaskBaseUri id internationalPhoneNumber liveMusic " +
	"location menuForChildren name nationalPhoneNumber neighborhoodSummary outdoorSeating parkingOptions paymentOptions photos plusCode " +
	"postalAddress priceLevel priceRange primaryType primaryTypeDisplayName pureServiceAreaBusiness rating regularOpeningHours " +
	"regularSecondaryOpeningHours reservable restroom reviewSummary reviews servesBeer servesBreakfast servesBrunch servesCocktails " +
	"servesCoffee servesDessert servesDinner servesLunch servesVegetarianFood servesWine shortFormattedAddress subDestinations takeout " +
	"timeZone types userRatingCount utcOffsetMinutes viewport websiteUri"

const errNoMask refusal = "FieldMask is a required parameter: say in the header X-Goog-FieldMask which fields the answer is to hold"

// parseFieldMask reads X-Goog-FieldMask: paths like places.displayName.text, separated by commas without spaces, or *.
func parseFieldMask(text string) (mask, error) {
	if text == "" {
		return nil, errNoMask
	}
	// Checked only down to a place's own fields: what lies inside of those that the stand-in lacks it does not know.
	chosen := mask{}
	for path := range strings.SplitSeq(text, ",") {
		names := strings.Split(path, ".")
		unknown := names[0] != "*" && names[0] != "places" && names[0] != "routingSummaries"
		if names[0] == "places" && len(names) > 1 && names[1] != "*" {
			unknown = !slices.Contains(strings.Fields(placeFields), names[1])
		}
		if unknown || slices.Contains(names, "") {
			return nil, refusal(fmt.Sprintf("Error expanding 'fields' parameter: no field %q is known", path))
		}
		chosen.add(names)
	}
	// A nil mask chooses everything, which * asks for whatever stands beside it.
	if _, all := chosen["*"]; all {
		return nil, nil
	}
	return chosen, nil
}

// add chooses what a path leads to, with all that is inside; a * at its end says that too.
func (m mask) add(names []string) {
	inside, known := m[names[0]]
	switch {
	case len(names) == 1 || names[1] == "*":
		m[names[0]] = nil
	case !known:
		inside = mask{}
		m[names[0]] = inside
		inside.add(names[1:])
	case inside != nil: // else all of it is chosen already
		inside.add(names[1:])
	}
}
