package bandwidthtest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

// tag is an element around others; text is one around a text, and nothing without
// one.
func tag(name string, inner ...string) string {
	return "<" + name + ">" + strings.Join(inner, "") + "</" + name + ">"
}

func text(name, s string) string {
	if s == "" {
		return ""
	}
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return "<" + name + ">" + b.String() + "</" + name + ">"
}

func each[T any](all []T, one func(T) string) string {
	var b strings.Builder
	for _, x := range all {
		b.WriteString(one(x))
	}
	return b.String()
}

func telephoneNumber(n nanp.Number) string { return text("TelephoneNumber", n.String()) }

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func write(w http.ResponseWriter, status int, doc string) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+doc)
}

// form is the texts of a request, by path.
type form map[string][]string

func (f form) str(path string) string {
	if v := f[path]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (f form) is(path string) bool { return strings.EqualFold(f.str(path), "true") }

// numbers reads E.164 numbers, which is what v2 takes and nothing else.
func (f form) numbers(path, code string) ([]nanp.Number, error) {
	out := make([]nanp.Number, 0, len(f[path]))
	for _, s := range f[path] {
		n, err := nanp.Parse(s)
		if err != nil || n.String() != s {
			return nil, bad(code, "Telephone number is invalid.")
		}
		out = append(out, n)
	}
	return out, nil
}

// schema names the elements that a request may have; those with a ! it must have.
type schema []string

func (s schema) knows(path string) bool {
	return slices.ContainsFunc(s, func(p string) bool { return strings.TrimSuffix(p, "!") == path })
}

const maxBody = 4 << 20

// read reads a request of XML: the whole of it, before anything is done.
func read(r *http.Request, s schema) (form, error) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/xml" {
		return nil, &refusal{http.StatusUnsupportedMediaType, "", "The content type is not supported"}
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, bad("1000", "The request could not be read")
	}
	return parse(b, s)
}

func parse(b []byte, s schema) (form, error) {
	d, out := xml.NewDecoder(bytes.NewReader(b)), form{}
	var path []string
	leaf, words := false, ""
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out, s.complete(out)
		}
		if err != nil {
			return nil, bad("1000", "The payload is not well-formed")
		}
		switch t := t.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			if at := strings.Join(path, "/"); !s.knows(at) {
				return nil, bad("1009", "Unrecognized element")
			}
			leaf, words = true, ""
		case xml.CharData:
			words += string(t)
		case xml.EndElement:
			if at := strings.Join(path, "/"); leaf {
				out[at] = append(out[at], strings.TrimSpace(words))
			}
			path, leaf = path[:len(path)-1], false
		}
	}
}

func (s schema) complete(f form) error {
	for _, p := range s {
		if name, must := strings.CutSuffix(p, "!"); must && f.str(name) == "" {
			return bad("1003", "A required element is missing")
		}
	}
	return nil
}

// below puts a prefix before names of elements.
func below(prefix string, names ...string) schema {
	out := schema{prefix}
	for _, n := range names {
		out = append(out, prefix+"/"+n)
	}
	return out
}

var addressNames = []string{"HousePrefix", "HouseNumber", "HouseSuffix", "PreDirectional", "StreetName", "StreetSuffix", "PostDirectional", "AddressLine2",
	"City", "StateCode", "Zip", "PlusFour", "County", "Country", "AddressType", "LocationId", "Latitude", "Longitude"}

func civic(f form, at string) postal.Civic {
	str := func(name string) string { return f.str(at + "/" + name) }
	a := postal.Civic{
		HouseNumber: str("HouseNumber"), HouseSuffix: str("HouseSuffix"), PreDir: str("PreDirectional"), Street: str("StreetName"), Suffix: str("StreetSuffix"),
		PostDir: str("PostDirectional"), Unit: str("AddressLine2"), City: str("City"), County: str("County"), State: str("StateCode"), PostalCode: str("Zip"),
	}
	if plus := str("PlusFour"); plus != "" {
		a.PostalCode += "-" + plus
	}
	if str("Country") == "Canada" {
		a.Country = "CA"
	}
	return a
}

// addressXML writes the parts of an address.
func addressXML(a postal.Civic, country string) string {
	zip, plus, _ := strings.Cut(a.PostalCode, "-")
	unit := strings.Trim(postal.Civic{Building: a.Building, Floor: a.Floor, Unit: a.Unit, Room: a.Room}.StreetLine(), ", ")
	return text("HouseNumber", a.HouseNumber) + text("HouseSuffix", a.HouseSuffix) + text("PreDirectional", a.PreDir) + text("StreetName", a.Street) +
		text("StreetSuffix", a.Suffix) + text("PostDirectional", a.PostDir) + text("AddressLine2", unit) + text("City", a.City) +
		text("StateCode", a.State) + text("Zip", zip) + text("PlusFour", plus) + text("County", a.County) + text("Country", country)
}

// pageOf reads the parameters of a list.
func pageOf(r *http.Request, most int) (provider.Page, error) {
	q := r.URL.Query()
	p := provider.Page{Limit: most}
	if size := q.Get("size"); size != "" {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 || n > most {
			return p, bad("1006", "The size is invalid")
		}
		p.Limit = n
	}
	if page := q.Get("page"); page != "1" {
		p.Cursor = page
	}
	return p, nil
}

// links writes the links of a list, the next one like a Link header.
func links(r *http.Request, next string) string {
	if next == "" {
		return tag("Links", text("first", "Link=<https://api.bandwidth.com"+r.URL.Path+`?page=1>;rel="first";`))
	}
	u := *r.URL
	q := u.Query()
	q.Set("page", next)
	u.RawQuery = q.Encode()
	return tag("Links", text("first", "Link=<https://api.bandwidth.com"+r.URL.Path+`?page=1>;rel="first";`), text("next", "Link=<https://api.bandwidth.com"+u.String()+`>;rel="next";`))
}

// location names what was made.
func location(w http.ResponseWriter, r *http.Request, id string) {
	w.Header().Set("Location", "https://api.bandwidth.com"+strings.TrimSuffix(r.URL.Path, "/")+"/"+id)
}
