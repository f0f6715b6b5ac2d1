package api

import (
	"fmt"
	"net/http"
	"time"
)

// Deployment is a stack as TFDriftAgent calls it.
type Deployment struct {
	Name    string
	Checked time.Time
	Success bool // whether the last check told something; else there is no more than this
	Drifted bool
	Plan    string // what an apply would do, as in "no-op=3, update=1"
}

// What TFDriftAgent answers with. The names and their meaning are its own.
type (
	deploymentItem struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   itemMetadata   `json:"metadata"`
		Spec       deploymentSpec `json:"spec"`
		Status     struct{}       `json:"status"`
	}
	itemMetadata struct {
		Name string `json:"name"`
	}
	deploymentSpec struct {
		Drifted   *bool    `json:"drifted"` // null: it is not known
		Metadata  struct{} `json:"metadata"`
		Name      string   `json:"name"`
		Plan      *string  `json:"plan"`
		Success   bool     `json:"success"`
		Timestamp float64  `json:"timestamp"` // Unix time
	}
	deploymentList struct {
		APIVersion string           `json:"apiVersion"`
		Items      []deploymentItem `json:"items"`
		Kind       string           `json:"kind"`
		Metadata   listMetadata     `json:"metadata"`
	}
	listMetadata struct {
		End        int  `json:"end"`
		Limit      *int `json:"limit"` // null: all of them are shown
		Start      int  `json:"start"`
		TotalItems int  `json:"totalItems"`
	}
)

const deploymentVersion = "dda.wkng.net/v1alpha1"

func (d Deployment) item() deploymentItem {
	item := deploymentItem{
		APIVersion: deploymentVersion,
		Kind:       "InfrastructureDeploymentState",
		Metadata:   itemMetadata{d.Name},
		Spec:       deploymentSpec{Name: d.Name, Success: d.Success, Timestamp: float64(d.Checked.UnixMilli()) / 1000},
	}
	if d.Success {
		item.Spec.Drifted, item.Spec.Plan = &d.Drifted, &d.Plan
	}
	return item
}

func (s *Server) deployments(w http.ResponseWriter, r *http.Request) {
	all, served := s.Backend.Deployments()
	if !served {
		http.NotFound(w, r)
		return
	}
	list := deploymentList{APIVersion: deploymentVersion, Kind: "List", Items: make([]deploymentItem, len(all))}
	list.Metadata = listMetadata{End: len(all), TotalItems: len(all)}
	for i, d := range all {
		list.Items[i] = d.item()
	}
	s.answer(w, http.StatusOK, list)
}

func (s *Server) deployment(w http.ResponseWriter, r *http.Request) {
	all, served := s.Backend.Deployments()
	if !served {
		http.NotFound(w, r)
		return
	}
	name := r.PathValue("name")
	for _, d := range all {
		if d.Name == name {
			s.answer(w, http.StatusOK, d.item())
			return
		}
	}
	s.answer(w, http.StatusNotFound, map[string]string{"error": fmt.Sprintf("State named %q not found", name)})
}
