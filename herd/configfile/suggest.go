package configfile

import (
	"fmt"
	"strings"
)

// suggest says which of the known keys was probably meant; all of them if none
// is near.
func suggest(key string, known []string) string {
	best := nearest(key, known)
	if best == "" {
		return "the keys here are " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("did you mean %s?", best)
}

// nearest is which of the known keys, in small letters all, is most like one; ""
// if none is.
func nearest(key string, known []string) string {
	best, least := "", 1+max(2, len(key)/3)
	for _, k := range known {
		if n := distance(strings.ToLower(key), k); n < least {
			best, least = k, n
		}
	}
	return best
}

// distance is how many bytes must be put in, taken out or changed to make one
// text of the other (Levenshtein's).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
