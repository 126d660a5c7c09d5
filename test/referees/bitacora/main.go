// Judges the audit log's arithmetic and signatures by golang.org/x/mod/sumdb. Reads one JSON document from stdin, writes
// one to stdout: the root of every size of a tree of the given leaves, and whether each note and proof holds.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Tamano int64    `json:"tamano"`
	Indice int64    `json:"indice"`
	Raiz   string   `json:"raiz"`
	Hoja   string   `json:"hoja"`
	Prueba []string `json:"prueba"`
}

type consistencia struct {
	Desde     int64    `json:"desde"`
	Hasta     int64    `json:"hasta"`
	RaizDesde string   `json:"raizDesde"`
	RaizHasta string   `json:"raizHasta"`
	Prueba    []string `json:"prueba"`
}

type nota struct {
	Nota  string `json:"nota"`
	Clave string `json:"clave"`
}

type pedido struct {
	Hojas         []string       `json:"hojas"`
	Inclusiones   []inclusion    `json:"inclusiones"`
	Consistencias []consistencia `json:"consistencias"`
	Notas         []nota         `json:"notas"`
	Firmar        *struct {
		Clave string `json:"clave"`
		Texto string `json:"texto"`
	} `json:"firmar"`
}

type respuesta struct {
	Raices        []string `json:"raices"`
	Inclusiones   []string `json:"inclusiones"`
	Consistencias []string `json:"consistencias"`
	Notas         []string `json:"notas"`
	Firmada       string   `json:"firmada"`
}

func main() {
	var p pedido
	if err := json.NewDecoder(os.Stdin).Decode(&p); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	r := respuesta{Raices: []string{}, Inclusiones: []string{}, Consistencias: []string{}, Notas: []string{}}
	var guardados []tlog.Hash
	leer := tlog.HashReaderFunc(func(indices []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indices))
		for i, indice := range indices {
			hashes[i] = guardados[indice]
		}
		return hashes, nil
	})
	for i, hoja := range p.Hojas {
		datos, _ := base64.StdEncoding.DecodeString(hoja)
		nuevos, err := tlog.StoredHashes(int64(i), datos, leer)
		if err != nil {
			panic(err)
		}
		guardados = append(guardados, nuevos...)
		raiz, err := tlog.TreeHash(int64(i)+1, leer)
		if err != nil {
			panic(err)
		}
		r.Raices = append(r.Raices, raiz.String())
	}
	for _, i := range p.Inclusiones {
		datos, _ := base64.StdEncoding.DecodeString(i.Hoja)
		r.Inclusiones = append(r.Inclusiones, juicio(tlog.CheckRecord(
			hashes(i.Prueba), i.Tamano, hash(i.Raiz), i.Indice, tlog.RecordHash(datos))))
	}
	for _, c := range p.Consistencias {
		r.Consistencias = append(r.Consistencias, juicio(tlog.CheckTree(
			hashes(c.Prueba), c.Hasta, hash(c.RaizHasta), c.Desde, hash(c.RaizDesde))))
	}
	for _, n := range p.Notas {
		verificador, err := note.NewVerifier(n.Clave)
		if err == nil {
			_, err = note.Open([]byte(n.Nota), note.VerifierList(verificador))
		}
		r.Notas = append(r.Notas, juicio(err))
	}
	if p.Firmar != nil {
		firmante, err := note.NewSigner(p.Firmar.Clave)
		if err != nil {
			panic(err)
		}
		firmada, err := note.Sign(&note.Note{Text: p.Firmar.Texto}, firmante)
		if err != nil {
			panic(err)
		}
		r.Firmada = string(firmada)
	}
	json.NewEncoder(os.Stdout).Encode(r)
}

func juicio(err error) string {
	if err == nil {
		return "VALE"
	}
	return strings.SplitN(err.Error(), "\n", 2)[0]
}

func hash(texto string) tlog.Hash {
	h, err := tlog.ParseHash(texto)
	if err != nil {
		panic(err)
	}
	return h
}

func hashes(textos []string) []tlog.Hash {
	lista := []tlog.Hash{}
	for _, texto := range textos {
		lista = append(lista, hash(texto))
	}
	return lista
}
