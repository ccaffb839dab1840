# needs/1 的用语。每条一行。

flow-needs = 对请求的要求

kind-publish-needs = 对请求的要求

needs-none = 此处未公布要求。
needs-published = 已公布，以最近一次公布为准。

fact-formality = 形式要求：{ $value }
fact-publications = 公布次数：{ $value }

field-formality = 形式要求
field-languages = 可受理的语言
field-languages-tag = 语言标签
field-accepted = 可据以受理请求的文件
field-accepted-instrument = 法律依据文件
field-accepted-in_force_from = 生效日期
field-accepted-authority = 中央机关
field-accepted-reservations = 保留
field-accepted-languages = 依此文书可用的语言
field-wanted = 请求中须有的内容（文件:措施:栏目）
field-wanted-on = 法律依据文件
field-wanted-for = 措施
field-wanted-field = 栏目
field-declined = 不予执行的措施（文件:措施）
field-declined-on = 法律依据文件
field-declined-for = 措施
told-wanted = 请求中须有的内容
told-declined = 不予执行的措施

choice-formality-formal-first = 须先提出正式请求
choice-formality-formal-follows = 须随后提出正式请求
choice-formality-no-formal = 无须正式请求
choice-on-any = 任何文件
choice-on-budapest = { choice-instrument-budapest }
choice-on-budapest-2nd-protocol = { choice-instrument-budapest-2nd-protocol }
choice-on-hanoi = { choice-instrument-hanoi }
choice-on-agreement-2000 = { choice-instrument-agreement-2000 }
choice-on-directive-2023-977 = { choice-instrument-directive-2023-977 }
choice-on-e-evidence = { choice-instrument-e-evidence }
choice-on-points-2015 = { choice-instrument-points-2015 }
choice-on-reciprocity = { choice-instrument-reciprocity }
choice-for-any = 任何措施
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
