# What Inlay says, in English. `de.ftl` says the same in German; a test compares the two.
#
# A name becomes a function: `at-most-characters` is `words::at_most_characters(max, length)`. Arguments come in the order of
# the text. Counts are numbers, grouped as the reader's region does; other values come as they are to be shown.


## Values: what is wrong with what was typed (`model`)

expected-type =
    Expected { $kind ->
        [text] text
        [integer] a whole number
        [number] a number
        [boolean] yes or no
        [date] a date
        [timestamp] a point in time
        [choice] one of the options
       *[choices] some of the options
    }.
text-is-not-type =
    “{ $text }” is not { $kind ->
        [text] text
        [integer] a whole number
        [number] a number
        [boolean] yes or no
        [date] a date
        [timestamp] a point in time
        [choice] one of the options
       *[choices] some of the options
    }.
no-nul-character = Text can't contain a NUL character.
expected-finite-number = Expected a finite number.
number-too-large = This number is too large.
expected-number = Expected a number.
at-most-decimals =
    { $scale ->
        [0] Expected a whole number.
        [one] At most 1 decimal is kept here.
       *[other] At most { $scale } decimals are kept here.
    }
required = { $column } is required.
at-most-characters = At most { $max } characters; this has { $length }.
at-least-characters = At least { $min } characters; this has { $length }.
between-numbers = Must be between { $min } and { $max }.
number-or-more = Must be { $min } or more.
number-or-less = Must be { $max } or less.
not-all-options = “{ $text }” is none of: { $options }.
not-an-option = Choose one of: { $options }.
time-never-was = “{ $text }” does not exist in { $zone }: clocks were put forward over it.
time-was-twice = “{ $text }” was there twice in { $zone }, as clocks were put back: add { $first } or { $last }.
number-compact =
    { $size ->
        [thousand] { $number }K
        [million] { $number }M
        [billion] { $number }B
       *[other] { $number }T
    }
yes = Yes
no = No
month-year =
    { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    } { $year }

## Arithmetic in a cell

sum-stray-sign = “{ $sign }” does not belong there.
sum-divides-by-zero = This divides by zero.
sum-too-deep = There are too many parentheses.
sum-parenthesis-missing = A “)” is missing.
sum-expected-number = Expected a number, not “{ $sign }”.
sum-ends-early = Something is missing at the end.

## The codes of refusals: what is said when there is nothing more precise

code-RQ001 = This request could not be read.
code-RQ002 = This request is too large.
code-RQ003 = Send application/json.
code-RQ004 = This page may not use this workbook.
code-RQ005 = There is nothing here.
code-RQ006 = This view can't be kept.
code-RQ007 = This comment can't be kept.
code-AC001 = Please sign in again.
code-AC002 = This ticket can't be accepted.
code-AC003 = You may look at this but not change it.
code-AC004 = This does not exist, or you may not see it.
code-AC005 = This column can't be changed.
code-QY001 = There is no such column.
code-QY002 = This filter does not fit its column.
code-QY003 = A result is too large to be shown exactly.
code-QY004 = These are more rows than one file holds; narrow them with a filter first.
code-QY005 = This place does not fit the sort; ask for places again.
code-QY006 = This expression does not fit.
code-QY007 = Rows can't be grouped like this.
code-WB001 = This is not a value of the column's type.
code-WB002 = This value is out of range.
code-WB003 = This text is too long.
code-WB004 = This is not one of the options.
code-WB005 = A value is required.
code-WB006 = A rule of this table refuses this value.
code-WB007 = Somebody changed this cell in the meantime.
code-WB008 = This row does not exist, or you may not see it.
code-WB009 = This row can't be changed by you.
code-WB010 = This batch id was used for other content.
code-WB011 = This batch can't be applied.
code-WB012 = This row's key is empty or not unique, so it can't be edited.
code-WB013 = Not applied, because another cell of the batch was refused.
code-WB014 = This is not supported yet.
code-WB015 = This text is too short.
code-WB016 = This text does not have the form that is asked for.
code-WB017 = Another row has this value already.
code-WB018 = This is not one of the values to choose from.
code-WB019 = This kind of file is not taken here.
code-WB020 = This file is not there any more. Choose it again.
code-IM001 = This file can't be read.
code-IM002 = This file is not here any more. Choose it again.
code-IM003 = The columns of the file can't go to the table's like this.
code-IM004 = This line has more or fewer values than the file has columns.
code-IM005 = An earlier line of the file is of the same row.
code-IM006 = This is no text in the encoding of the file.
code-IM007 = This file is too large.
code-WH001 = The warehouse can't be reached right now. Nothing was changed.
code-WH002 = The warehouse could not do this. Nothing was changed.
code-WH003 = The warehouse has no role for you.
code-WH004 = The warehouse does not let you read this.
code-WH005 = The warehouse took too long and was stopped. Nothing was changed.
code-WH006 = Whether this was saved can't be told right now. Send it again: it is applied once.
code-WH007 = Others write here right now. Nothing was changed; try again.
code-WH008 = The product that this form writes to did not answer. Nothing was changed here; it is tried again.
code-SY001 = Something went wrong on our side.
code-SY002 = The server can't be reached. Your edits are kept here and sent when it answers again.

## Writeback: what a batch was refused for (`engine`)

who-changed-cell = { $who } changed this cell in the meantime.
who-changed-row = { $who } changed this row in the meantime.
somebody-changed-row = Somebody changed this row in the meantime.
comment-thread-gone = This thread does not exist.
comments-at-most = There are { $count } comments on this row already.
comment-not-own = Only a comment of one's own can be taken back.
comment-names-nobody = Somebody who is named can't be found.
comment-length = A comment has 1 to { $count } characters.
view-name-length = A view's name has 1 to { $count } characters.
views-at-most = There are { $count } views of this table already; delete one first.
view-too-large = This view is too large.
groups-at-most = These are more than { $count } groups; narrow the rows with a filter first.
row-key-incomplete = This row has no complete key, so it can't be edited.
row-key-not-unique = Another row has the same key, so it can't be edited.

## The workbook around its elements (`app/components`)

view-only = view only
status-saved = All changes saved
status-saving = Saving …
status-signed-out =
    Signed out. { $edits ->
        [one] 1 edit
       *[other] { $edits } edits
    } { $kept }; reload to sign in.
status-offline =
    Offline. { $edits ->
        [one] 1 edit
       *[other] { $edits } edits
    } { $kept }, sent when the server answers.
status-attention =
    { $cells ->
        [one] 1 cell needs your attention.
       *[other] { $cells } cells need your attention.
    }
status-begun =
    { $rows ->
        [one] 1 new row, { $kept }; it is saved when you leave it.
       *[other] { $rows } new rows, { $kept }.
    }
# Said of edits or new rows, within a sentence.
kept-in-tab = only in this tab: your browser keeps nothing for this page
kept-in-browser = kept in this browser
workbook-changed = This workbook has been changed. It is shown anew as soon as nothing is being typed and all is saved.
workbook-renewed = This workbook has been changed, and is shown anew.
left-out-by-change = Left out, since the workbook has been changed: { $cells }.

# What to do about an element that can't be shown.
ask-for-access = Ask whoever manages this workbook if you should have access.
reload-to-sign-in = Reload the page to sign in again.
tried-again = It is tried again by itself.
try-again = Try again in a moment.
narrow-or-try-again = Narrow it with a filter, or try again later.
try-again-now = Try again
incident = Incident { $id }

all = All
choose = Choose …
form-submit = Submit
form-thanks = Thank you. It has been saved.
form-not-allowed = You can't file this form. Ask whoever manages this workbook if you should.
form-another = File another
form-sending = Sending …
form-waits = Kept here, sent when online …
form-attention = Some fields need attention.
form-next = Next
form-resumed = You began this earlier; here is what you had.
form-start-over = Start over
form-really-start-over = Really start over?
form-back = Back
form-step = Step { $nth } of { $count }: { $title }
form-step-of = Step { $nth } of { $count }
form-line = Line { $nth }
form-add-line = Add a line
form-remove-line = Remove line { $nth }
form-line-added = Line { $nth } added.
form-line-removed = Line { $nth } removed.
form-line-count = { $count ->
        [one] One line is
       *[other] { $count } lines are
    } here; from { $least } to { $most } are taken.
form-save = Save changes
form-unchanged = Nothing has been changed yet.
form-choose-row = Choose a row to see it here.
form-look = Look at it
form-number = Number { $number }
form-filed = Number { $number }, { $when }
form-closed = It can't be changed by you, or not any more.
form-edit = Edit
form-overtaken = { $who } has changed this to { $now }. Save again to put yours in its place.
form-take-theirs = Take { $now }
forms-only = This table is written by forms only.
somebody = Somebody
file-choose = Choose a file
file-drop = or drop it here
file-hint = { $types }, at most { $megabytes } MB
file-sending = Sending { $name } …
file-added = { $name } is attached.
file-remove = Remove { $name }
file-save = Save { $name }
file-not-one = Expected a file.
file-types = Only { $types } can be attached here.
file-too-large = A file has at most { $megabytes } MB here.
files-too-many = What one has attached and not yet filed has at most { $megabytes } MB together.
form-mine = What you have filed
form-mine-none = You have filed nothing yet.
form-mine-number = Number
form-mine-when = When
form-mine-more = Show more

chart-empty = There is nothing to draw for these filters.
chart-overfull = This picture has room for { $most } parts, and there are more. A filter leaves fewer; as a table they can be read.
chart-cut = Only the first { $count } marks are drawn; there are more.
chart-reduced = Drawn from { $count } values: of each stretch its ends, peaks and troughs.
pivot-total = Total
pivot-cut = Only the first { $count } totals and cells are here; there are more. A filter leaves fewer.
pivot-whole = Totals can be typed into once all cells are here.
pivot-keys = Arrow keys go from cell to cell; Enter opens and closes rows, sorts by a column, and types into a cell.
pivot-keys-marks = Space on a name, or on a cell that is not typed into, filters the other elements by it, with Shift beside what is chosen already; Escape takes that back.
pivot-sort = Sort by { $name }
pivot-spread =
    Spread { $total } over { $count ->
        [one] 1 cell
       *[other] { $count } cells
    }
pivot-no-cells = There is no cell under this total to type into.
pivot-no-rule = { $total } can't be spread over these cells to the last digit.
pivot-proportional = In proportion
pivot-equal = Equally
pivot-blanks = To blank cells
pivot-before = Before
pivot-after = After
control-cut = Only the first { $count } values are listed; there are more.
no-data = No data.
chart-trend = Trend of { $series }
chart-average = Average
chart-least = Least
chart-most = Most
chart-box =
    { $part ->
        [least] Least
        [lower] Lower quarter
        [median] Median
        [upper] Upper quarter
       *[most] Most
    }
chart-below-zero =
    { $count ->
        [one] One value below zero is not drawn.
       *[other] { $count } values below zero are not drawn.
    }
chart-years-left-out =
    { $count ->
        [one] One year is not drawn.
       *[other] { $count } years are not drawn.
    }
chart-not-on-log =
    { $count ->
        [one] One value at or below zero has no place on a logarithmic scale.
       *[other] { $count } values at or below zero have no place on a logarithmic scale.
    }
chart-facets-left-out =
    { $count ->
        [one] One small chart has no room and is not drawn.
       *[other] { $count } small charts have no room and are not drawn.
    }
chart-pending =
    { $count ->
        [one] One edit is on its way that is not drawn yet.
       *[other] { $count } edits are on their way that are not drawn yet.
    }
chart-marks = Marks of { $chart }
chart-mark = { $place }: { $numbers }
chart-mark-number = { $measure } { $value }
chart-bar = What is chosen in the chart
chart-way = Levels
chart-all = All
chart-go-down = Down to { $level }
chart-gone-down = { $level } of { $mark }
chart-zoom-in = Zoom in
chart-zoom-out = Zoom out
chart-zoomed = Zoomed in.
chart-clear = Choose nothing
chart-not-drawn-yet = The chart is not drawn yet.
marks-chosen = Chosen: { $marks }
marks-none-chosen = Nothing is chosen any more.
legend = Legend
legend-title = Press to switch it off or on; with Alt, or twice, to see it alone
show-values = Show as table
show-chart = Show as chart
show-rows = Show rows
show-more =
    { $count ->
        [one] One more
       *[other] { $count } more
    }
full-screen = Full screen
full-screen-leave = Leave full screen
save-png = Save as PNG
save-svg = Save as SVG
save-csv = Save as CSV
save-xlsx = Save as Excel workbook
element-tools = More about { $element }
file-made = By { $person }, { $time }
file-column-filters =
    { $count ->
        [one] One filter of a column
       *[other] { $count } filters of columns
    }
file-saved =
    { $count ->
        [one] One row was saved.
       *[other] { $count } rows were saved.
    }
file-not-saved = The file could not be made here.
picture-saved = The picture was saved.
print = PDF
printed-rows = The first { $count } of { $rows } rows.
print-title = Print this page, or save it as a PDF
rows-of = Rows of { $element }
rows-of-mark = Rows of { $element }: { $mark }
chart-peak = { $series } is highest at { $place }, { $value }.
chart-summary =
    { $count ->
       *[other] { $count } values from { $first } to { $last }. { $peaks }
        [one] One value, at { $first }. { $peaks }
    }
blank-value = (blank)

## Controls (`model::ControlKind`, `app/components/control`)

control-takes-true = It takes `true`, or nothing.
control-takes-range = It takes the least and the most, null for an open end.
control-takes-days = It takes the first and the last day, null for an open end, or the name of a span such as `last_3_months`.
control-takes-text = It takes one text of at most { $max } characters.
control-takes-one-of = It takes one of { $options }.
control-takes-one = It takes one value.
control-ends-turned = The first end is above the second one.
say-an-end = Say one end at least.
# The problem is a sentence of its own.
control-problem = Control `{ $control }`: { $problem }
control-unknown = There is no control `{ $control }` here.
mark-unknown = It takes marks of this chart: the values that each one stands at.
expr-measure-place = `@{ $name }` is the measure `{ $measure }`, and stands only where a measure may stand
expr-of-option = in `{ $option }`: { $problem }
filters-applied = Filters
filters-none = No filters
filters-by-marks = Press a mark of a chart, or a name in a pivot table, to see what belongs to it.
filter-chip = { $label }: { $value }
filter-remove = Remove filter { $filter }
filters-reset = Reset
filters-were-reset = Filters and choices are as they were at first.
filter-removed = { $label } no longer filters.
chosen-count = { $count } chosen
range-from = from { $low }
range-to = up to { $high }
range-between = { $low } to { $high }
range-low = From
range-high = To
range-is = There are values from { $low } to { $high }.
top-count = Top { $count }
grain =
    { $unit ->
        [day] Day
        [week] Week
        [month] Month
        [quarter] Quarter
        [year] Year
        [fiscal_quarter] Fiscal quarter
       *[fiscal_year] Fiscal year
    }
search-values = Search
other-days = Other days

## Undo (`app/client/outbox`)

# `left` is one of the four that follow, with its full stop.
undone-but = Taken back, but for { $left }
redone-but = Done again, but for { $left }
left-to = { $cells } that { $who } has changed since.
left-to-others = { $cells } that others have changed since.
left-because = { $count }: { $reason }
left-alone = { $count }.
count-rows =
    { $count ->
        [one] 1 row
       *[other] { $count } rows
    }
count-cells =
    { $count ->
        [one] 1 cell
       *[other] { $count } cells
    }
nothing-deleted = Nothing was deleted: { $reason }

## Editors

nothing-fits = Nothing fits.
more-to-find = There are more: type to find them.
calendar = Calendar
month-before = Month before
month-after = Month after
calendar-head = { $month } { $year }
calendar-day = { $weekday } { $day } { $month } { $year }
month-name =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
weekday =
    { $day ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }
weekday-short =
    { $day ->
        [1] Mo
        [2] Tu
        [3] We
        [4] Th
        [5] Fr
        [6] Sa
       *[7] Su
    }

## The list of keys: the keys, and what they do

keys = Keys
keys-title = Keys (?)
keys-on-mac = On a Mac, Command does what Ctrl does here.

keys-go = Go
key-arrows = Arrows
key-arrows-does = To the next cell
key-edge = Ctrl+Arrows
key-edge-does = To the end of the filled or blank cells
key-row-ends = Home, End
key-row-ends-does = To the first or last column
key-table-ends = Ctrl+Home, Ctrl+End
key-table-ends-does = To the first or last cell
key-screen = Page Up, Page Down
key-screen-does = A screen up or down; with Alt left or right
key-goto = Ctrl+G
key-goto-does = To a row by its number
key-find = Ctrl+F
key-find-does = To the next cell with a text
key-open-row = Alt+Enter
key-open-row-does = Open the row with all its fields and its history
key-comments = Shift+F2
key-comments-does = Comments on the row
key-note = Alt+↓
key-note-does = To what can be done about a cell that was refused or overtaken
key-group = Alt+Shift+→, ←
key-group-does = Group by this column, group by nothing
key-groups = Alt+Shift+↑, ↓
key-groups-does = Close the group, open all groups
key-menu = Shift+F10
key-menu-does = Menu of the column: sort, filter, group, freeze, resize, move, hide

keys-select = Select
key-extend = Shift+any of these
key-extend-does = Selects up to there
key-add-range = Ctrl+click
key-add-range-does = Selects one more range
key-lines = Shift+Space, Ctrl+Space
key-lines-does = Whole rows, whole columns
key-all = Ctrl+A
key-all-does = Everything
key-next-selected = Enter, Tab
key-next-selected-does = Goes through the selection; with Shift backwards

keys-edit = Edit
key-edit = F2, or just type
key-edit-does = Edits the cell
key-take = Enter, Tab
key-take-does = Takes what was typed and goes on
key-fill-selection = Ctrl+Enter
key-fill-selection-does = Fills the selection with what was typed
key-escape = Escape
key-escape-does = Leaves the cell as it was
key-delete = Delete
key-delete-does = Empties the selection
key-fill = Ctrl+D, Ctrl+R
key-fill-does = Fills down, fills to the right
key-series = Ctrl+Shift+D
key-series-does = Goes on with the series that the selection begins with
key-set-all = Ctrl+Shift+Enter
key-set-all-does = Sets the column in all rows that are shown
key-today = Ctrl+;
key-today-does = Today
key-rows = Ctrl+Alt+=, Ctrl+Alt+−
key-rows-does = Adds a row, deletes the selected ones, where the table allows it
key-clipboard = Ctrl+C, Ctrl+X, Ctrl+V
key-clipboard-does = Copy, cut, paste
key-undo = Ctrl+Z, Ctrl+Y
key-undo-does = Undo, redo

## What several elements say

cancel = Cancel
close = Close
save = Save
edit = Edit
next = Next
previous = Previous
looking = Looking …
# A cell without a value, within a sentence.
blank = blank
column-locked = { $column } can't be changed here.
server-unreachable = The server can't be reached.

## The grid: its foot, and what it says of itself

select-all = Select all
open-row = Open row
open-in-form = Open in “{ $form }”
open-row-keys = Alt+Enter
set-all-button = Set all
set-all-keys = Ctrl+Shift+Enter
add-row = Add row
add-row-keys = Ctrl+Alt+=
delete-rows = Delete rows
delete-rows-keys = Ctrl+Alt+−
no-rows = There are no rows here that you may see.
no-rows-for-filters = No row fits these filters.
row-loading = This row is still loading.
# At the cell that a colleague types into.
types-here = { $who } types here
row-gone = This row is no longer there.
row-locked = This row can't be changed.
table-read-only = This table is only to be read.
counting-rows = Counting rows …
rows-and-selected =
    { $rows } · { $cells ->
        [one] 1 cell
       *[other] { $cells } cells
    } selected
go-to-row = Go to row
go-to-row-title = Go to a row (Ctrl+G)
sum = Sum { $value }
average = Average { $value }
min = Min { $value }
max = Max { $value }
count = Count { $count }
# What a total is, as the author's expression names it.
total-label =
    { $label ->
        [Sum] Sum
        [Avg] Average
        [Min] Min
        [Max] Max
        [Count] Count
       *[other] { $label }
    }
rows-fetched = Rows fetched
stop = Stop
stopped = Stopped. Nothing was changed.
one-column-stays = At least one column stays.
frozen-too-wide = These columns are too wide together to stay in sight.
space-switches = The space bar switches between yes and no.
selected-at-most = { $count } cells are selected; up to { $max } can be changed or copied at once.
left-read-only =
    { $cells ->
        [one] 1 read-only cell was left as it is.
       *[other] { $cells } read-only cells were left as they are.
    }

## The grid: headers and the menu of a column

sorted-by = Sorted by { $columns }.
sorted-by-nothing = Not sorted.
sorted-up = { $column } upwards
sorted-down = { $column } downwards
sort-by = Sort by { $column }
filter-of = Filter { $column }
menu-of = Menu of { $column }
menu-sort-up = Sort upwards
menu-sort-down = Sort downwards
menu-then-sort-up = Then sort by this upwards
menu-then-sort-down = Then sort by this downwards
menu-sort-nothing = Sort by nothing
menu-filter = Filter …
menu-set-all = Set all …
menu-group = Group by this
menu-group-within = Group by this within
menu-close-groups = Close all groups
menu-open-groups = Open all groups
menu-ungroup = Group by nothing
menu-freeze = Freeze up to here
menu-unfreeze = Freeze nothing
menu-fit = As wide as its content
menu-wider = Wider
menu-narrower = Narrower
menu-move-left = Move to the left
menu-move-right = Move to the right
menu-hide = Hide { $column }
menu-show = Show { $column }

## The grid: groups

grouped-by = Grouped by { $column }.
grouped-already = Rows are grouped by { $column } already.
grouped-at-most = Rows are grouped by at most { $max } columns.
# Said behind a number that stands by itself.
rows-unit =
    { $count ->
        [one] row
       *[other] rows
    }

## The grid: filters

clear = Clear
apply = Apply
comparison = Comparison
filter-condition =
    { $condition ->
        [contains] contains
        [equals] is
        [at_least] is at least
        [at_most] is at most
        [between] is between
        [within] is within
        [blank] is blank
        [not_blank] is not blank
       *[nothing] any value
    }
value = Value
and = And
span-of-days = Span of days
span-today = today
span-yesterday = yesterday
span-tomorrow = tomorrow
span-this =
    { $period ->
        [week] this week
        [month] this month
        [quarter] this quarter
        [year] this year
        [fiscal_quarter] this fiscal quarter
       *[fiscal_year] this fiscal year
    }
span-last-one =
    { $period ->
        [week] last week
        [month] last month
        [quarter] last quarter
        [year] last year
        [fiscal_quarter] last fiscal quarter
       *[fiscal_year] last fiscal year
    }
span-last =
    { $period ->
        [day] last { $count } days
        [week] last { $count } full weeks
        [month] last { $count } full months
        [quarter] last { $count } full quarters
        [year] last { $count } full years
        [fiscal_quarter] last { $count } full fiscal quarters
       *[fiscal_year] last { $count } full fiscal years
    }
span-next-one =
    { $period ->
        [week] next week
        [month] next month
        [quarter] next quarter
        [year] next year
        [fiscal_quarter] next fiscal quarter
       *[fiscal_year] next fiscal year
    }
span-next =
    { $period ->
        [day] next { $count } days
        [week] next { $count } full weeks
        [month] next { $count } full months
        [quarter] next { $count } full quarters
        [year] next { $count } full years
        [fiscal_quarter] next { $count } full fiscal quarters
       *[fiscal_year] next { $count } full fiscal years
    }
span-to-date =
    { $period ->
        [week] week to date
        [month] month to date
        [quarter] quarter to date
        [year] year to date
        [fiscal_quarter] fiscal quarter to date
       *[fiscal_year] fiscal year to date
    }
find-value = Find a value
only-these = Only these values
there-are-none = There are none.
first-of-more = The first { $count } of more.
say-both-ends = Say both ends.
pick-at-most = Up to { $max } values can be picked.

## The grid: finding

find = Find
find-in-table = Find in this table
not-found = Not found
found = Row { $row }, { $column }
found-again = From the other end: row { $row }, { $column }

## The grid: views

views = Views
view-of-author = As the author has it
view-yours = { $name } (yours)
view-shown = View { $name }.
view-save-as = Save as a view …
view-save = Save as a view
view-delete = Delete { $name }
view-saved = View { $name } is saved.
view-deleted = View { $name } is deleted.
view-name = Name of the view
view-help = It keeps columns, widths, sort and filters, for you alone. A view of yours with this name is replaced.

## The grid: rows that are added and deleted

row-being-added = This row is being added.
row-not-added = This row is not added yet: some of its cells need attention.
delete-at-most = Up to { $max } rows can be deleted at once.
deleting-rows =
    { $rows ->
        [one] Deleting 1 row.
       *[other] Deleting { $rows } rows.
    }

## The grid: copy, paste, fill and set, and their preview

copy-one-range = Copy takes one range at a time.
copy-denied = The browser did not let this be copied.
copied-rows =
    { $rows ->
        [one] Copied 1 row.
       *[other] Copied { $rows } rows.
    }
paste-too-long = This is more than 10 MB of text: too much to paste at once.
paste-nothing = There is no text to paste.
paste-beyond = This block lies beyond the table.
paste-at-most = Up to { $max } cells in { $rows } rows can be pasted at once; this block has { $cells } cells.
paste-outside =
    { $cells ->
        [one] 1 lies beyond the table.
       *[other] { $cells } lie beyond the table.
    }
fits-no-row = { $keys } fits no row.
fits-rows = { $keys } fits { $count } rows; a filter could leave one of them.
series-one-range = A series takes one range at a time.
fill-at-most = Up to { $max } cells in { $rows } rows can be filled at once.
fill-nothing = There is nothing here that can be filled.
fill-no-neighbour = There is no filled column beside this to go along.
fill-neighbour-too-long = The column beside this goes on for more than { $max } rows, which are too many at once.
set-all-of = Set { $column }
set-all-title =
    Set { $column } in { $count ->
        [one] the row that is shown
       *[other] all { $count } rows that are shown
    } to
set-all-placeholder = a value, or = and an expression
set-all-help = An expression is worked out for each row, such as { $example }. Columns: { $columns }.
set-all-no-rows = There are no rows to set yet.
set-all-at-most = { $rows } rows are shown; up to { $max } can be set at once. A filter leaves fewer.
preview = Preview
paste = Paste
pasted = Pasted { $cells } cells; { $same } held the same already.
set = Set { $cells } cells; { $same } held the same already.
nothing-pasted = Nothing was pasted.
nothing-set = Nothing was set.
nothing-to-paste = Nothing to paste
nothing-to-set = Nothing to set
paste-cells =
    { $cells ->
        [one] Paste 1 cell
       *[other] Paste { $cells } cells
    }
set-cells =
    { $cells ->
        [one] Set 1 cell
       *[other] Set { $cells } cells
    }
paste-good-cells =
    { $cells ->
        [one] Paste only the 1 good cell
       *[other] Paste only the { $cells } good cells
    }
set-good-cells =
    { $cells ->
        [one] Set only the 1 good cell
       *[other] Set only the { $cells } good cells
    }
only-troubled = Only rows that need a look
what-would-change = What would change
cells-will-change =
    { $cells ->
        [one] 1 cell will change.
       *[other] { $cells } cells will change.
    }
rows-added =
    { $rows ->
        [one] 1 row is added.
       *[other] { $rows } rows are added.
    }
cells-same =
    { $cells ->
        [one] 1 holds that already.
       *[other] { $cells } hold that already.
    }
cells-refused =
    { $cells ->
        [one] 1 is refused.
       *[other] { $cells } are refused.
    }
cells-locked = { $cells } can't be changed here.
cells-locked-in-block = { $cells } can't be changed here and hold something else: does the block lie where it should?
more-astray = … and { $count } more that find no place.
trial-running = The warehouse is being asked …
trial-failed = The warehouse could not be asked: { $reason }
rows-found = Rows found
by-edges = by the keys at its edges
as-it-lies = as it lies
numbers = Numbers
dates = Dates
month-first = month/day/year
day-first = day/month/year
columns-at = Columns at
tabs = tabs
commas = commas
semicolons = semicolons
row = Row
more-rows = … and { $count } more rows.
no-row-troubled = No row needs a look.

## The grid: what happened to a cell

# Said to those who don't see the buttons.
note-keys = Alt+↓ goes to these buttons.
discard = Discard
discard-row = Discard row
use-theirs = Use theirs:
keep-mine = Keep mine:
conflicts = Conflicts
conflicts-count = { $count } cells were changed by others in the meantime.
use-all-theirs = Use all of theirs
keep-all-mine = Keep all of mine
rows-not-shown = These rows are not shown right now.

## The record panel

new-row = New row
row-above = Row above
row-below = Row below
close-row = Close the row
parts-of-row = Parts of the row
fields = Fields
history = History
comments = Comments
select-a-row = Select a row, and it is shown here.
row-not-saved = This row is not saved yet.

history-empty = Nobody has changed this row yet.
older = Older
# Behind a name and a time.
by-gesture =
    { $origin ->
        [paste] pasted
        [fill] filled
        [form] by a form
        [undo] taken back
        [redo] done again
        [restore] put back
        [api] by a program
       *[grid] typed
    }
put-row-back = Put the row back to this
put-value-back = Put back { $value }
put-back = Put back.
row-same-already = The row has these values already.

comments-empty = Nobody has said anything about this row yet.
new-comment = New comment
comment = Comment
comment-placeholder = Say something; @ names somebody
answer = Answer
settle = Settle
settled-by = Settled by { $who }, { $when }
open-again = Open again
thread = Thread
take-back = Take back
take-comment-back = Take this comment back
comment-taken-back = Taken back.
people = People

## Expressions (`engine/src/expr`): what is wrong, within a sentence

type-name =
    { $kind ->
        [text] text
        [integer] a whole number
        [number] a number
        [boolean] yes or no
        [date] a date
        [timestamp] a point in time
        [choice] one of the options
       *[choices] some of the options
    }
expr-attribute-place = a `@user` attribute may stand only in comparisons and `in`
expr-not-part = `{ $what }` is not part of the expression language
expr-operator = operator `{ $operator }` is not part of the expression language
expr-now-place = `@now` can't be asked here; this is decided once per session
expr-unknown-name = `{ $name }` is not known; there are `@user.…`, `@tenant` and `@now`
expr-column-place = `{ $name }` is a column; only `@user` and `@tenant` can be asked here
expr-needs-aggregate = column `{ $name }` must stand inside an aggregate, such as `sum({ $name })`
expr-no-column = there is no column `{ $name }`
expr-dotted-name = a name with a dot is `@user.attribute`, or a column of a joined source
expr-incomparable = can't compare { $one } with { $other }
expr-apart = { $one } and { $other } don't go together here
expr-expected-condition = expected a condition, not { $found }
expr-expected-number = expected a number, not { $found }
expr-expected-text = expected text, not { $found }
expr-expected-date = expected a date, not { $found }
expr-is-not = '{ $text }' is not { $expected }
expr-not-one-of = '{ $text }' is not one of: { $options }
expr-modulo = `%` is for whole numbers
expr-product-decimals = this product would have { $scale } decimals; round its parts first
expr-role-text = `@user.has_role` takes the role as a text
expr-role-one = `@user.has_role` takes one role
expr-windows = `over` and `within group` are not part of the expression language
expr-filter-place = `filter` goes with an aggregate, such as `sum(x) filter (where y > 0)`
expr-percentile = `percentile` takes a number and a share of at most four decimals, such as `percentile(x, 0.95)`
expr-window-place = `{ $name }` can't stand here; it belongs in a measure, around its aggregates
expr-window-of = `{ $name }` takes an aggregate, such as `{ $name }(sum(x))`
expr-plain-arguments = `{ $name }` takes plain arguments
expr-arguments = these arguments are not part of the expression language
expr-aggregate-place = an aggregate can't stand here; it belongs in a measure
expr-aggregate-nested = an aggregate can't stand inside another
expr-aggregate-one = an aggregate takes one argument
expr-round-digits = `round` takes the number of decimals as a literal, 0 to 18
expr-round-float = `round` is for exact numbers; the engines differ on floats
expr-arity =
    { $count ->
        [one] `{ $name }` does not take 1 argument
       *[other] `{ $name }` does not take { $count } arguments
    }
expr-no-function = there is no function `{ $name }`
expr-substr-literal = `substr` takes a literal of { $least } or more here
expr-substr-start = `substr` needs a start
expr-unit = the unit is a text, one of: { $units }
expr-unexpected = unexpected `{ $token }`
expr-unreadable = { $detail }
expr-did-you-mean = did you mean `{ $near }`?
expr-problem-and-hint = { $problem } ({ $hint })
expr-at = At character { $place }: { $problem }.
expr-too-long = An expression has at most { $max } characters.
expr-gives = { $column } takes { $takes }; this gives { $gives }.

# How an answer came about, for whoever writes workbooks.
inspect = How this came about
inspect-nothing = Nothing is known of this yet.
inspect-asked = Asked { $seconds } s ago
inspect-came-with-page = Came with the page, { $seconds } s ago
inspect-server = On the server
inspect-network = On the way
inspect-drawing = Until drawn
inspect-size = Answer
inspect-bytes = { $bytes } bytes
inspect-statement = { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    } in { $ran }, after waiting { $waited } for a connection.
inspect-shared = Another question had just asked the same; this is its answer.
inspect-binds = Values

# What a number is compared with.
kpi-more = { $change } more
kpi-less = { $change } less
kpi-same = As much
kpi-points = { $change } percentage points
kpi-than-before = than { $value } in the period before
kpi-than-year-before = than { $value } a year before
kpi-than-target = than the target of { $value }
kpi-nothing-before = Nothing to compare with
kpi-no-target = No target

## Files that are loaded into tables (`engine`)

import-unreadable = This file can't be read: { $why }
import-empty = There is nothing in this file.
import-unpacks-too-large = This file unpacks to more than any table needs, so it is not opened.
import-line-without-end = A line of this file is larger than { $megabytes } MB. A quotation mark may be open somewhere.
import-too-large = Files that wait to be loaded have at most { $megabytes } MB together.
import-no-such-encoding = There is no encoding “{ $label }”.
import-no-such-column = You can't load anything into a column “{ $name }”.
import-column-twice = Two columns of the file go to “{ $label }”.
import-nothing-written = None of the file's columns goes to one that can be written.
import-key-missing = Rows are found by “{ $label }”, and no column of the file goes there.
import-no-key = Rows are found by this value, and there is none.
import-ragged =
    { $values ->
        [one] This line has 1 value
       *[other] This line has { $values } values
    }, { $columns ->
        [one] the file has 1 column.
       *[other] the file has { $columns } columns.
    }
import-line = Line
import-why = Why it was refused
import-open = Load a file…
import-title = Load a file into “{ $title }”
import-hint = CSV or Excel (XLSX). You see what would happen before anything is changed.
import-sending = { $name } is on its way…
import-checking =
    { $lines ->
        [one] 1 line is looked at…
       *[other] { $lines } lines are looked at…
    }
import-loading =
    { $lines ->
        [one] 1 line is done…
       *[other] { $lines } lines are done…
    }
import-progress = Progress
import-read-as = How it is read
import-encoding = Encoding
import-sheet = Sheet
import-written-as = Numbers and dates
import-header = The first line has the names
import-remembered = The columns go where you sent them last time.
import-columns = Where the columns go
import-in-file = In the file
import-samples = For example
import-goes-to = Goes to
import-nowhere = nowhere
import-column-number = Column { $number }
import-column-goes-to = “{ $name }” goes to
import-finds = Rows are found by { $labels }; a line whose row is not there is refused.
import-rows-found-by = A line changes the row with the same
import-all-new = none: each line is a new row
import-check = See what would happen
import-inserted =
    { $rows ->
        [one] 1 new row
       *[other] { $rows } new rows
    }
import-updated =
    { $rows ->
        [one] 1 row changed
       *[other] { $rows } rows changed
    }
import-unchanged =
    { $lines ->
        [one] 1 line changes nothing
       *[other] { $lines } lines change nothing
    }
import-refused =
    { $lines ->
        [one] 1 line refused
       *[other] { $lines } lines refused
    }
import-tried = { $good ->
        [one] 1 line could be loaded
       *[other] { $good } lines could be loaded
    }, { $bad ->
        [one] 1 would be refused.
       *[other] { $bad } would be refused.
    }
import-loaded =
    { $lines ->
        [one] 1 line is loaded.
       *[other] { $lines } lines are loaded.
    }
import-lines =
    { $lines ->
        [one] 1 line
       *[other] { $lines } lines
    }
import-more =
    { $lines ->
        [one] and 1 more line
       *[other] and { $lines } more lines
    }
import-new = new
import-refused-lines = Refused lines
import-refused-name = refused
import-save-refused = Save the refused lines
import-load-lines =
    { $lines ->
        [one] Load 1 line
       *[other] Load { $lines } lines
    }
import-nothing-to-load = Nothing to load
import-take-back = Take it back
import-taken-back =
    { $rows ->
        [one] 1 row is as it was.
       *[other] { $rows } rows are as they were.
    }
import-stays =
    { $rows ->
        [one] 1 row stays: it was changed since, or you may not take it out.
       *[other] { $rows } rows stay: they were changed since, or you may not take them out.
    }
import-stopped = Stopped. Nothing of the file is kept.
import-done = Finish
