package spectest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
)

// Environment names the variable with the folder of the carriers' documents.
const Environment = "NUMBERDESK_SPECS"

// Folder is where the documents are. It skips the test, saying so, when nobody has
// said where; a folder that was named and is not there fails it.
func Folder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv(Environment)
	if dir == "" {
		t.Skipf("the carriers' own documents are not here: set %s to their folder", Environment)
	}
	require.DirExists(t, dir)
	return dir
}

// Documents are what one carrier has published: one or more, whose paths differ.
type Documents []routers.Router

// Load reads OpenAPI documents from [Folder].
func Load(t testing.TB, files ...string) Documents {
	t.Helper()
	dir := Folder(t)
	var ds Documents
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f))
		require.NoError(t, err)
		d, err := parse(b)
		require.NoError(t, err, f)
		ds = append(ds, d)
	}
	return ds
}

func parse(b []byte) (routers.Router, error) {
	b, err := mended(b)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(b)
	if err != nil {
		return nil, err
	}
	doc.Servers = nil // paths are matched at whatever host the fake has
	for _, p := range doc.Paths.Map() {
		p.Servers = nil
		for _, o := range p.Operations() {
			o.Servers = nil
			readAsText(o)
		}
	}
	return gorillamux.NewRouter(doc)
}

// readAsText lets a form field whose schema has no type hold any text: all that a
// form can hold is text, and the library that validates reads none into a schema
// without a type, and then misses it. Twilio's Attributes have no type.
func readAsText(o *openapi3.Operation) {
	if o.RequestBody == nil || o.RequestBody.Value == nil {
		return
	}
	form := schemaOf(o.RequestBody.Value.Content, "application/x-www-form-urlencoded")
	if form == nil {
		return
	}
	for _, p := range form.Properties {
		s := p.Value
		if composed := len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.Not != nil; s.Type == nil && !composed && len(s.Enum) == 0 && p.Ref == "" {
			s.Type = &openapi3.Types{openapi3.TypeString}
		}
	}
}

// mended puts right what keeps a document from being loaded: a schema that refers
// to a whole answer means the schema of that answer. Telnyx has four of these.
func mended(b []byte) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, err
	}
	const answers = "#/components/responses/"
	var mend func(key string, v any) any
	mend = func(key string, v any) any {
		switch v := v.(type) {
		case map[string]any:
			if ref, _ := v["$ref"].(string); (key == "schema" || key == "items") && strings.HasPrefix(ref, answers) {
				return mend(key, at(doc, "components", "responses", strings.TrimPrefix(ref, answers), "content", "application/json", "schema"))
			}
			for k := range v {
				v[k] = mend(k, v[k])
			}
		case []any:
			for i := range v {
				v[i] = mend("", v[i])
			}
		}
		return v
	}
	return json.Marshal(mend("", doc))
}

func at(v any, path ...string) any {
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// find looks the request up.
func (ds Documents) find(r *http.Request) (*routers.Route, map[string]string, error) {
	for _, d := range ds {
		if route, params, err := d.FindRoute(r); err == nil {
			return route, params, nil
		}
	}
	return nil, nil, fmt.Errorf("%s %s is in no document", r.Method, r.URL.Path)
}
