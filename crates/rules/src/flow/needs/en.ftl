# Phrases of needs/1. One line each.

flow-needs = What a side needs in a request

kind-publish-needs = What is needed in a request

needs-none = Nothing was published here.
needs-published = Published; the newest publication counts.

fact-formality = Formality: { $value }
fact-publications = Publications: { $value }

field-formality = Formality
field-languages = Languages that are read
field-languages-tag = Language tag
field-accepted = Instruments on which requests are taken
field-accepted-instrument = Instrument
field-accepted-in_force_from = In force from
field-accepted-authority = Central authority
field-accepted-reservations = Reservations
field-accepted-languages = Languages on this basis
field-wanted = Needed in a request (instrument:measure:field)
field-wanted-on = Instrument
field-wanted-for = Measure
field-wanted-field = Field
field-declined = Not carried out (instrument:measure)
field-declined-on = Instrument
field-declined-for = Measure
told-wanted = Needed in a request
told-declined = Not carried out

choice-formality-formal-first = a formal request comes first
choice-formality-formal-follows = a formal request follows
choice-formality-no-formal = no formal request is needed
choice-on-any = any instrument
choice-on-budapest = { choice-instrument-budapest }
choice-on-budapest-2nd-protocol = { choice-instrument-budapest-2nd-protocol }
choice-on-hanoi = { choice-instrument-hanoi }
choice-on-agreement-2000 = { choice-instrument-agreement-2000 }
choice-on-directive-2023-977 = { choice-instrument-directive-2023-977 }
choice-on-e-evidence = { choice-instrument-e-evidence }
choice-on-points-2015 = { choice-instrument-points-2015 }
choice-on-reciprocity = { choice-instrument-reciprocity }
choice-for-any = any measure
choice-for-preservation = { choice-measure-preservation }
choice-for-expedited-disclosure = { choice-measure-expedited-disclosure }
choice-for-emergency-disclosure = { choice-measure-emergency-disclosure }
choice-for-subscriber-data = { choice-measure-subscriber-data }
choice-for-traffic-data = { choice-measure-traffic-data }
choice-for-content = { choice-measure-content }
choice-for-real-time-traffic = { choice-measure-real-time-traffic }
choice-for-evidence-for-concern = { choice-measure-evidence-for-concern }
choice-for-information = { choice-measure-information }
choice-for-advice = { choice-measure-advice }
choice-for-malware-analysis = { choice-measure-malware-analysis }
choice-for-take-down = { choice-measure-take-down }
choice-for-freezing = { choice-measure-freezing }
choice-for-locate-person = { choice-measure-locate-person }
choice-for-other = { choice-measure-other }
choice-field-urgency_why = { field-urgency_why }
choice-field-extension_of = { field-extension_of }
choice-field-reply_by = { field-reply_by }
choice-field-reference = { field-reference }
choice-field-consulted = { field-consulted }
choice-field-offence_text = { field-offence_text }
choice-field-assurances = { field-assurances }
choice-field-data_category = { field-data_category }
choice-field-identifiers = { field-identifiers }
choice-field-period = { field-period }
choice-field-custodian = { field-custodian }
choice-field-link = { field-link }
choice-field-evidence_use = { field-evidence_use }
choice-field-confidential = { field-confidential }
choice-field-partial_disclosure = { field-partial_disclosure }
choice-field-formal_follows = { field-formal_follows }
choice-field-formal_by = { field-formal_by }
choice-field-contact = { field-contact }
choice-field-attachments = { field-attachments }
