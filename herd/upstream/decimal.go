package upstream

import (
	"strconv"
	"strings"
)

// The numbers of a query are texts, and stay texts: nothing here goes through a float64.

// isZero tells whether a decimal text is 0, however it is written: 0, 00, 0.000.
func isZero(decimal string) bool { return strings.Trim(decimal, "0.") == "" }

// unsignedPlus takes off a leading plus sign, which web services do not document, and which means a space in a URL.
func unsignedPlus(decimal string) string { return strings.TrimPrefix(decimal, "+") }

// jsonNumber is a decimal text as JSON has numbers: without a plus sign and without zeros before the first digit.
func jsonNumber(decimal string) string {
	sign, rest := "", unsignedPlus(decimal)
	if after, negative := strings.CutPrefix(rest, "-"); negative {
		sign, rest = "-", after
	}
	return sign + withoutLeadingZeros(rest)
}

// withoutLeadingZeros keeps the last digit before the point, if that is a zero.
func withoutLeadingZeros(decimal string) string {
	whole, fraction, hasFraction := strings.Cut(decimal, ".")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if hasFraction {
		return whole + "." + fraction
	}
	return whole
}

// metres turns kilometres into metres, exactly: it moves the point.
func metres(kilometres string) string {
	whole, fraction, _ := strings.Cut(kilometres, ".")
	for len(fraction) < 3 {
		fraction += "0"
	}
	result := withoutLeadingZeros(whole + fraction[:3])
	if rest := strings.TrimRight(fraction[3:], "0"); rest != "" {
		result += "." + rest
	}
	return result
}

// wholeMetres is metres for a service that takes no fraction: rounded up, so that nothing within the radius is left out,
// and at least smallest. More than nine digits are returned as they are: it is for the service to refuse them.
func wholeMetres(kilometres string, smallest int) string {
	whole, fraction, _ := strings.Cut(metres(kilometres), ".")
	n, err := strconv.Atoi(whole)
	if err != nil || len(whole) > 9 {
		return whole
	}
	if fraction != "" {
		n++
	}
	return strconv.Itoa(max(n, smallest))
}
