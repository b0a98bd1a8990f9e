package bandwidth

import (
	"encoding/xml"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
)

// element is one XML element as the carrier wrote it. One decoder reads every
// answer, because names differ in case from resource to resource (id, orderId,
// OrderId), lists are wrapped or not, and one error has eleven shapes. All
// methods work on nil, which is an element that is not there.
type element struct {
	name string
	text string
	kids []element
}

const maxDepth = 40 // the deepest documented answer has 9

var errDeep = errors.New("the XML is nested too deeply")

// UnmarshalXML reads the element and everything in it.
func (e *element) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	return e.read(d, start.Name.Local, 0)
}

func (e *element) read(d *xml.Decoder, name string, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	e.name = name
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			e.kids = append(e.kids, element{})
			if err := e.kids[len(e.kids)-1].read(d, t.Name.Local, depth+1); err != nil {
				return err
			}
		case xml.CharData:
			e.text += string(t)
		case xml.EndElement:
			e.text = strings.TrimSpace(e.text)
			return nil
		}
	}
}

// MarshalXML writes it back, for orders that are read, changed and sent again.
func (e element) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	start := xml.StartElement{Name: xml.Name{Local: e.name}}
	if err := enc.EncodeToken(start); err != nil {
		return err
	}
	if len(e.kids) == 0 {
		if err := enc.EncodeToken(xml.CharData(e.text)); err != nil {
			return err
		}
	}
	for _, k := range e.kids {
		if err := k.MarshalXML(enc, xml.StartElement{}); err != nil {
			return err
		}
	}
	return enc.EncodeToken(start.End())
}

func (e *element) is(name string) bool { return e != nil && strings.EqualFold(e.name, name) }

// kid is the first child of that name.
func (e *element) kid(name string) *element {
	for k := range e.all(name) {
		return k
	}
	return nil
}

// all walks through the children of that name.
func (e *element) all(name string) iter.Seq[*element] {
	return func(yield func(*element) bool) {
		if e == nil {
			return
		}
		for i := range e.kids {
			if e.kids[i].is(name) && !yield(&e.kids[i]) {
				return
			}
		}
	}
}

// at follows a path of names.
func (e *element) at(path ...string) *element {
	for _, name := range path {
		e = e.kid(name)
	}
	return e
}

// str is the text at a path, "" when there is none.
func (e *element) str(path ...string) string {
	if at := e.at(path...); at != nil {
		return at.text
	}
	return ""
}

// deep walks through the element and everything in it, parents first.
func (e *element) deep() iter.Seq[*element] {
	return func(yield func(*element) bool) { e.walk(yield) }
}

func (e *element) walk(yield func(*element) bool) bool {
	if e == nil {
		return true
	}
	if !yield(e) {
		return false
	}
	for i := range e.kids {
		if !e.kids[i].walk(yield) {
			return false
		}
	}
	return true
}

// find is the first element of that name, the element itself included.
func (e *element) find(name string) *element {
	for d := range e.deep() {
		if d.is(name) {
			return d
		}
	}
	return nil
}

// set replaces the child of that name, or adds it; an empty text removes it.
func (e *element) set(name, text string) { e.put(element{name: name, text: text}) }

func (e *element) put(k element) {
	kept := e.kids[:0:0]
	for _, old := range e.kids {
		if !old.is(k.name) {
			kept = append(kept, old)
		}
	}
	if k.text != "" || len(k.kids) > 0 {
		kept = append(kept, k)
	}
	e.kids = kept
}

// holdsNumber names the elements whose text is a telephone number.
var holdsNumber = map[string]bool{"telephonenumber": true, "fullnumber": true, "tn": true, "phonenumber": true, "tollfreenumber": true}

// number is the telephone number in this element, whatever form it has: +1 and
// ten digits in v2, ten digits before. What is none is the zero value.
func (e *element) number() nanp.Number {
	if e == nil || len(e.kids) > 0 || !holdsNumber[strings.ToLower(e.name)] {
		return 0
	}
	n, err := nanp.Parse(e.text)
	if err != nil {
		return 0
	}
	return n
}

// numbers lists the telephone numbers in the element, each once, in order.
func (e *element) numbers() []nanp.Number {
	var out []nanp.Number
	seen := make(map[nanp.Number]bool)
	for d := range e.deep() {
		if n := d.number(); n.Valid() && !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

// layouts are the forms of times in answers, seen in one API.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999-0700", "2006-01-02T15:04:05", "2006-01-02T15-04-05Z", "2006-01-02 15:04:05.0", "2006-01-02Z07:00", time.DateOnly}

// instant reads a time; the zero value when it is none.
func instant(s string) time.Time {
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil && t.Year() > 1 {
			return t.UTC()
		}
	}
	return time.Time{}
}
