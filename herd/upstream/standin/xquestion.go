package standin

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of X's recent search: a query's length in characters, the results of a page, and what the radius stays below.
const (
	xMaxQuery   = 512
	xMinResults = 10
	xMaxResults = 100
	xMaxKM      = 40
	xMaxMiles   = 25
)

// xQuestion is a search after its parameters were checked.
type xQuestion struct {
	question                                       // perPage is max_results; page is not used
	first                                      int // where in all results the page begins
	tweetFields, userFields, placeFields, adds []string
}

// expands tells whether the question asks for an expansion.
func (q xQuestion) expands(what string) bool { return slices.Contains(q.adds, what) }

// The names that X documents for what can be asked for; others are refused. The stand-in has few of them to give, as
// many a real tweet has.
const (
	xTweetFields = "article attachments author_id card_uri community_id context_annotations conversation_id created_at display_text_range " +
		"edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang media_metadata non_public_metrics note_tweet " +
		"organic_metrics possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings scopes source " +
		"suggested_source_links text withheld"
	xUserFields = "affiliation confirmed_email connection_status created_at description entities id is_identity_verified location " +
		"most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics receives_your_dm " +
		"subscription subscription_type url username verified verified_followers_count verified_type withheld"
	xPlaceFields = "contained_within country country_code full_name geo id name place_type"
	xExpansions  = "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet attachments.poll_ids " +
		"author_id edit_history_tweet_ids entities.mentions.username geo.place_id in_reply_to_user_id entities.note.mentions.username " +
		"referenced_tweets.id referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id"
)

// parseX reads the part of a URL after the question mark.
func parseX(raw string) (q xQuestion, invalid *xInvalid) {
	parameters, err := url.ParseQuery(raw)
	if err != nil {
		return q, &xInvalid{"query", raw, string(errParameters)}
	}
	// X tells of all parameters that are wrong. The stand-in tells of the first, which is enough to mend them one by one.
	if invalid = q.parseQuery(parameters.Get("query")); invalid != nil {
		return q, invalid
	}
	for _, list := range []struct {
		name, known string
		into        *[]string
	}{
		{"tweet.fields", xTweetFields, &q.tweetFields}, {"user.fields", xUserFields, &q.userFields},
		{"place.fields", xPlaceFields, &q.placeFields}, {"expansions", xExpansions, &q.adds},
	} {
		text := parameters.Get(list.name)
		if text == "" {
			continue
		}
		*list.into = strings.Split(text, ",")
		for _, field := range *list.into {
			if !slices.Contains(strings.Fields(list.known), field) {
				return q, &xInvalid{list.name, text, fmt.Sprintf("The `%s` query parameter value [%s] is not one of [%s]", list.name, field, strings.ReplaceAll(list.known, " ", ","))}
			}
		}
	}
	var ok bool
	text := parameters.Get("max_results")
	if q.perPage, ok = wholeNumber(text, xMinResults); !ok || q.perPage < xMinResults || q.perPage > xMaxResults {
		return q, &xInvalid{"max_results", text, fmt.Sprintf("The `max_results` query parameter value [%s] is not between %d and %d", text, xMinResults, xMaxResults)}
	}
	return q, q.parseToken(parameters)
}

// parseToken reads which page is asked for.
func (q *xQuestion) parseToken(parameters url.Values) *xInvalid {
	name := "next_token"
	if parameters.Get(name) == "" {
		name = "pagination_token"
	}
	text := parameters.Get(name)
	if text == "" {
		return nil
	}
	// The token that would be given must be the one that was given: that holds the query and the spelling against it too.
	n, err := strconv.ParseUint(text, 36, 64)
	q.first = int(n & (1<<tokenBits - 1))
	if err != nil || q.token(q.first) != text {
		return &xInvalid{name, text, fmt.Sprintf("The `%s` query parameter value [%s] is not one that this query was given", name, text)}
	}
	return nil
}

// tokenBits are enough to say where a page begins: no timeline has more than 1,500 tweets.
const tokenBits = 11

// token names the page that begins with a result; it is good for this query only, as X's are.
func (q xQuestion) token(first int) string {
	return strconv.FormatUint(uint64(seedOf(q.geocode()+q.words))<<tokenBits|uint64(first), 36)
}

// parseQuery reads what is searched for.
func (q *xQuestion) parseQuery(query string) *xInvalid {
	invalid := func(message string) *xInvalid { return &xInvalid{"query", query, message} }
	if n := utf8.RuneCountInString(query); n < 1 || n > xMaxQuery {
		return invalid(fmt.Sprintf("The `query` query parameter must have 1 to %d characters", xMaxQuery))
	}
	// Real queries are a language with brackets and OR. A herd asks with the one operator, so that is what is looked for.
	before, rest, found := strings.Cut(query, "point_radius:[")
	point, after, closed := strings.Cut(rest, "]")
	if !found || !closed {
		return invalid("this stand-in needs the operator point_radius:[LONGITUDE LATITUDE RADIUS], the radius followed by km or mi")
	}
	// A geocode says the same in another order.
	fields := strings.Fields(point)
	if len(fields) != 3 || q.parseGeocode(fields[1]+","+fields[0]+","+fields[2]) != nil {
		return invalid("point_radius must be [LONGITUDE LATITUDE RADIUS], longitude first, the radius above 0 and followed by km or mi")
	}
	if q.unit == "km" && q.radius >= xMaxKM || q.unit == "mi" && q.radius >= xMaxMiles {
		return invalid(fmt.Sprintf("the radius of point_radius must be less than %d mi or %d km", xMaxMiles, xMaxKM))
	}
	// What is left over is put into the tweets, where a reader sees that it has arrived.
	var words []string
	for _, word := range strings.Fields(before + " " + after) {
		if !strings.Contains(word, ":") && !strings.HasPrefix(word, "-") {
			words = append(words, word)
		}
	}
	q.words = strings.Join(words, " ")
	return nil
}
