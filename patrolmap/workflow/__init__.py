"""
One function per user's wish: the only place where the rooms are joined.

The command line and the app call these functions and nothing below them.
"""

from patrolmap.delivery.week import days_off_text, days_table
from patrolmap.intake.choices import Choices
from patrolmap.intake.updates import Policy
from patrolmap.planning.engine import warm_up
from patrolmap.store.shapes import Shape
from patrolmap.workflow.calls import Incident
from patrolmap.workflow.change_words import (
    calls_text,
    is_replan,
    replan_counts,
    replan_summary,
    replan_table,
)
from patrolmap.workflow.changes import Changes, incident_at, read_incident
from patrolmap.workflow.checking import check_precinct, fix_findings, fixes_table
from patrolmap.workflow.compare import Comparison, compare_plan
from patrolmap.workflow.day import plan_day
from patrolmap.workflow.demo import Demo, build_demo, demo_precinct
from patrolmap.workflow.distances import (
    distances_counted,
    distances_lines,
    distances_record,
    distances_text,
    find_distances,
    known_regions,
    open_cases,
    set_region,
)
from patrolmap.workflow.doctor import doctor
from patrolmap.workflow.history import changes_table, list_changes, undo_change
from patrolmap.workflow.importing import (
    ListPreview,
    forget,
    preview_list,
    remembered_lists,
    sheet_names,
    suggest_layer,
    uploaded,
)
from patrolmap.workflow.living import replan_day
from patrolmap.workflow.places import app_script
from patrolmap.workflow.precinct import (
    Precinct,
    add_layer,
    assumed_text,
    make_cells,
    new_precinct,
    open_precinct,
    revision,
)
from patrolmap.workflow.preview_words import preview_record, preview_text
from patrolmap.workflow.report import OnStep, Report
from patrolmap.workflow.schoolday import Day, next_school_day, rank_cells, read_day
from patrolmap.workflow.shortage import crews_table, people_needed
from patrolmap.workflow.takeaway import (
    distance_map,
    export_plan,
    figures_table,
    findings_table,
    gpx,
    gpx_names,
    hotspot_map,
    list_plans,
    plan_map,
    plan_summary,
    precinct_map,
    read_plan,
    route_calls,
    scorecard_csv,
    stop_table,
    unserved_table,
)
from patrolmap.workflow.updating import plan_update
from patrolmap.workflow.week import (
    MOST_DAYS,
    StoredWeek,
    Week,
    plan_week,
    stored_week,
    week_figures,
    week_summary,
)

__all__ = [
    "MOST_DAYS",
    "Changes",
    "Choices",
    "Comparison",
    "Day",
    "Demo",
    "Incident",
    "ListPreview",
    "OnStep",
    "Policy",
    "Precinct",
    "Report",
    "Shape",
    "StoredWeek",
    "Week",
    "add_layer",
    "app_script",
    "assumed_text",
    "build_demo",
    "calls_text",
    "changes_table",
    "check_precinct",
    "compare_plan",
    "crews_table",
    "days_off_text",
    "days_table",
    "demo_precinct",
    "distance_map",
    "distances_counted",
    "distances_lines",
    "distances_record",
    "distances_text",
    "doctor",
    "export_plan",
    "figures_table",
    "find_distances",
    "findings_table",
    "fix_findings",
    "fixes_table",
    "forget",
    "gpx",
    "gpx_names",
    "hotspot_map",
    "incident_at",
    "is_replan",
    "known_regions",
    "list_changes",
    "list_plans",
    "make_cells",
    "new_precinct",
    "next_school_day",
    "open_cases",
    "open_precinct",
    "people_needed",
    "plan_day",
    "plan_map",
    "plan_summary",
    "plan_update",
    "plan_week",
    "precinct_map",
    "preview_list",
    "preview_record",
    "preview_text",
    "rank_cells",
    "read_day",
    "read_incident",
    "read_plan",
    "remembered_lists",
    "replan_counts",
    "replan_day",
    "replan_summary",
    "replan_table",
    "revision",
    "route_calls",
    "scorecard_csv",
    "set_region",
    "sheet_names",
    "stop_table",
    "stored_week",
    "suggest_layer",
    "undo_change",
    "unserved_table",
    "uploaded",
    "warm_up",
    "week_figures",
    "week_summary",
]
