package spectest

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// shape is what a schema says of the properties of an object, over all that it is
// composed of.
type shape struct {
	properties map[string][]*openapi3.Schema
	items      []*openapi3.Schema
	values     []*openapi3.Schema // of properties that the schema does not name
	open       bool               // it names none, or says that others are welcome
}

func shapeOf(schemas ...*openapi3.Schema) shape {
	s := shape{properties: map[string][]*openapi3.Schema{}}
	seen := map[*openapi3.Schema]bool{}
	var add func(*openapi3.Schema)
	add = func(x *openapi3.Schema) {
		if x == nil || seen[x] {
			return
		}
		seen[x] = true
		for name, p := range x.Properties {
			s.properties[name] = append(s.properties[name], p.Value)
		}
		if x.Items != nil {
			s.items = append(s.items, x.Items.Value)
		}
		switch more := x.AdditionalProperties; {
		case more.Schema != nil:
			s.values = append(s.values, more.Schema.Value)
		case more.Has != nil && *more.Has:
			s.open = true
		}
		for _, parts := range []openapi3.SchemaRefs{x.AllOf, x.AnyOf, x.OneOf} {
			for _, part := range parts {
				add(part.Value)
			}
		}
	}
	for _, x := range schemas {
		add(x)
	}
	if len(s.properties) == 0 && len(s.values) == 0 {
		s.open = true
	}
	return s
}

// unknown lists the properties of a JSON value that its schema does not have, as
// JSON pointers in which every array index is *.
func unknown(v any, at string, schemas ...*openapi3.Schema) (out []string) {
	s := shapeOf(schemas...)
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			next, known := s.properties[name]
			switch {
			case known:
			case len(s.values) > 0:
				next = s.values
			case s.open:
				continue
			default:
				out = append(out, at+"/"+name)
				continue
			}
			out = append(out, unknown(v[name], at+"/"+name, next...)...)
		}
	case []any:
		if len(s.items) == 0 {
			return nil
		}
		for _, x := range v {
			for _, u := range unknown(x, at+"/*", s.items...) {
				if !slices.Contains(out, u) {
					out = append(out, u)
				}
			}
		}
	}
	return out
}

// unknownQuery lists the query names that no parameter of the operation has. A name
// as filter[a][b] is looked up in the schema of the parameter filter.
func unknownQuery(q url.Values, params ...openapi3.Parameters) (out []string) {
	declared := map[string][]*openapi3.Schema{}
	for _, ps := range params {
		for _, p := range ps {
			if p.Value.In == openapi3.ParameterInQuery {
				var schema *openapi3.Schema
				if p.Value.Schema != nil {
					schema = p.Value.Schema.Value
				}
				declared[p.Value.Name] = append(declared[p.Value.Name], schema)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if _, known := declared[name]; known {
			continue
		}
		head, path, ok := brackets(name)
		if schemas, known := declared[head]; !ok || !known || !reaches(schemas, path) {
			out = append(out, name)
		}
	}
	return out
}

// brackets takes filter[a][b] apart.
func brackets(name string) (head string, path []string, ok bool) {
	head, rest, found := strings.Cut(name, "[")
	if !found || !strings.HasSuffix(rest, "]") {
		return "", nil, false
	}
	return head, strings.Split(strings.TrimSuffix(rest, "]"), "]["), true
}

func reaches(schemas []*openapi3.Schema, path []string) bool {
	for _, name := range path {
		s := shapeOf(schemas...)
		if name == "" && len(s.items) > 0 { // filter[features][]
			schemas = s.items
			continue
		}
		next, known := s.properties[name]
		if !known {
			return false
		}
		schemas = next
	}
	return true
}

func describe(what string, names []string) string {
	return fmt.Sprintf("%s %s", what, strings.Join(names, ", "))
}
