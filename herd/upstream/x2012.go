package upstream

import (
	"bytes"
	"fmt"
	"time"

	jsoniter "github.com/json-iterator/go"
)

// X2012 is X, with answers in the format of Twitter's Search API v1 of 2012. Texts and numbers keep their own text. At
// the top are:
//
//	max_id, max_id_str          meta.newest_id, 0 without results
//	page                        1: there is no other
//	query                       "": what a search by place had there
//	results                     data, empty where that is absent
//	results_per_page            the limit
//	since_id, since_id_str      0: not asked for
//
// and in each result:
//
//	created_at                  created_at, in the form Thu, 12 Oct 2023 06:15:00 +0000
//	from_user, from_user_name   username and name of the author in includes.users
//	from_user_id, ..._str       author_id
//	geo                         geo.coordinates, latitude first, else null
//	id, id_str                  id
//	iso_language_code           lang
//	location                    full_name of geo.place_id in includes.places
//	metadata                    {"result_type":"recent"}: what recent search searches
//	profile_image_url, ..._https  profile_image_url of the author
//	text                        text
//	to_user, to_user_name, to_user_id, ..._str  in_reply_to_user_id and its user, else null and 0
//
// What X did not send and has no stated substitute is left out: completed_in, next_page, refresh_url and source never
// come. An error of X's becomes Twitter's error, with the same words.
type X2012 struct{ X }

// ErrorLine is Twitter's of 2012.
func (X2012) ErrorLine(message string) []byte { return Twitter{}.ErrorLine(message) }

// exactly reads keys as they are written, unlike encoding/json.
var exactly = jsoniter.Config{EscapeHTML: false, CaseSensitive: true}.Froze()

// piece is a piece of JSON with its own text.
type piece = jsoniter.RawMessage

type xAnswer struct {
	Data     []xPost `json:"data"`
	Includes struct {
		Users  []xUser  `json:"users"`
		Places []xPlace `json:"places"`
	} `json:"includes"`
	Meta struct {
		NewestID string `json:"newest_id"`
	} `json:"meta"`
}

type xPost struct {
	ID        string `json:"id"`
	Text      piece  `json:"text"`
	AuthorID  string `json:"author_id"`
	CreatedAt string `json:"created_at"`
	Lang      piece  `json:"lang"`
	ReplyTo   string `json:"in_reply_to_user_id"`
	Geo       struct {
		PlaceID     string `json:"place_id"`
		Coordinates struct {
			Coordinates []piece `json:"coordinates"` // longitude first
		} `json:"coordinates"`
	} `json:"geo"`
}

type xUser struct {
	ID       string `json:"id"`
	Name     piece  `json:"name"`
	Username piece  `json:"username"`
	Image    piece  `json:"profile_image_url"`
}

type xPlace struct {
	ID       string `json:"id"`
	FullName piece  `json:"full_name"`
}

// Translate rewrites an answer of X's. The error is ErrNotJSON where a piece is not of the documented type.
func (X2012) Translate(answer []byte, q Query) ([]byte, error) {
	var x xAnswer
	if err := exactly.Unmarshal(answer, &x); err != nil {
		// The parser quotes the text around the place where it gave up; what a log needs is that it did.
		return nil, fmt.Errorf("%w: it is not of the form of X's search", ErrNotJSON)
	}
	var out bytes.Buffer
	newest, err := digitsOrZero(x.Meta.NewestID)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&out, `{"max_id":%s,"max_id_str":"%[1]s","page":1,"query":"","results":[`, newest)
	for i := range x.Data {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := x.writePost(&out, &x.Data[i]); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(&out, `],"results_per_page":%d,"since_id":0,"since_id_str":"0"}`, q.Limit)
	return out.Bytes(), nil
}

// writePost writes one result, keys in the order of the alphabet, as Twitter had them.
func (x *xAnswer) writePost(out *bytes.Buffer, post *xPost) error {
	id, errID := digitsOrZero(post.ID)
	author, errAuthor := digitsOrZero(post.AuthorID)
	reply, errReply := digitsOrZero(post.ReplyTo)
	created, errCreated := created2012(post.CreatedAt)
	for _, err := range []error{errID, errAuthor, errReply, errCreated} {
		if err != nil {
			return err
		}
	}
	from, to := x.user(post.AuthorID), x.user(post.ReplyTo)
	object := object{out: out}
	object.field("created_at", piece(created))
	object.field("from_user", from.Username)
	object.number("from_user_id", author, post.AuthorID != "")
	object.field("from_user_name", from.Name)
	object.field("geo", post.geo())
	object.number("id", id, true)
	object.field("iso_language_code", post.Lang)
	object.field("location", x.place(post.Geo.PlaceID))
	object.field("metadata", piece(`{"result_type":"recent"}`))
	object.field("profile_image_url", from.Image)
	object.field("profile_image_url_https", from.Image)
	object.field("text", post.Text)
	object.field("to_user", orNull(to.Username))
	object.number("to_user_id", reply, true)
	object.field("to_user_name", orNull(to.Name))
	object.end()
	return nil
}

// user finds a user among those that X included; there are a hundred at most.
func (x *xAnswer) user(id string) xUser {
	for _, user := range x.Includes.Users {
		if user.ID == id && id != "" {
			return user
		}
	}
	return xUser{}
}

// place is the name of a place among those that X included.
func (x *xAnswer) place(id string) piece {
	for _, place := range x.Includes.Places {
		if place.ID == id && id != "" {
			return place.FullName
		}
	}
	return nil
}

// geo is the point, latitude first, or null where there are not two numbers.
func (p *xPost) geo() piece {
	point := p.Geo.Coordinates.Coordinates
	if len(point) != 2 || number(point[0]) != len(point[0]) || number(point[1]) != len(point[1]) {
		return piece("null")
	}
	return piece(fmt.Sprintf(`{"coordinates":[%s,%s],"type":"Point"}`, point[1], point[0]))
}

// digitsOrZero is an id as a number: X has them as texts of digits. It is 0 where there is none.
func digitsOrZero(id string) (string, error) {
	switch {
	case id == "":
		return "0", nil
	case digits([]byte(id)) != len(id) || len(id) > 1 && id[0] == '0':
		return "", fmt.Errorf("%w: an id of X's is not a number", ErrNotJSON)
	}
	return id, nil
}

// created2012 turns a time of X's into a string of Twitter's, with its quotes; "" stays "".
func created2012(created string) (string, error) {
	if created == "" {
		return "", nil
	}
	at, err := time.Parse(time.RFC3339, created)
	if err != nil {
		return "", fmt.Errorf("%w: a created_at of X's is not a time", ErrNotJSON)
	}
	return `"` + at.UTC().Format(time.RFC1123Z) + `"`, nil
}

func orNull(value piece) piece {
	if len(value) == 0 {
		return piece("null")
	}
	return value
}

// object writes the members of an object.
type object struct {
	out   *bytes.Buffer
	begun bool
}

// field writes a member unless there is no value.
func (o *object) field(key string, value piece) {
	if len(value) == 0 {
		return
	}
	mark := ","
	if !o.begun {
		mark, o.begun = "{", true
	}
	fmt.Fprintf(o.out, `%s"%s":%s`, mark, key, value)
}

// number writes an id as Twitter had it, as a number and as a text.
func (o *object) number(key, text string, known bool) {
	if known {
		o.field(key, piece(text))
		o.field(key+"_str", piece(`"`+text+`"`))
	}
}

func (o *object) end() { o.out.WriteByte('}') }
