# consultation/1 的用语。每条一行。

flow-consultation = 草案磋商

kind-show-draft = 请求草案
kind-redraft = 修订草案
kind-drop-draft = 结束磋商
kind-comment = 意见

draft-not-shown = 此处未出示草案。
draft-waits = 草案已出示，等待意见。不计期限，不计入统计。
draft-commented = 草案已收到意见。不计期限，不计入统计。
draft-dropped = 磋商已经结束。

void-draft-shown = 草案已经出示；修订草案应另用相应的行为。
void-draft-not-shown = 本事项未出示草案。
void-draft-dropped = 磋商已经结束。

fact-prospect = 对前景的意见：{ $value }
fact-dropped_for = 结束原因：{ $value }

field-dropped_for = 结束原因
field-prospect = 对前景的意见

choice-dropped_for-submitted = 请求已经提交
choice-dropped_for-not-needed = 不再需要提出请求
choice-dropped_for-hopeless = 请求难以成功
choice-prospect-complete = 材料齐备
choice-prospect-something-missing = 有所欠缺
choice-prospect-other-channel = 应走其他渠道
choice-prospect-refusal-likely = 很可能拒绝
choice-prospect-cannot-say = 尚不能判断
