"""States, steps, parties and files in words; English beside Chinese, chosen by the page."""

from collections.abc import Mapping

from clients.lifecycle import CaseState, CooperationItem
from clients.procedure.attachment_kinds import AttachmentKind
from clients.procedure.transitions import Party
from scopes.words import Words

STATES: Mapping[CaseState, Words] = {
    CaseState.DRAFT: Words("草稿", "Draft"),
    CaseState.ELIGIBILITY_CONFIRMED: Words("已確認資格", "Eligibility confirmed"),
    CaseState.SUBMITTED: Words("已行文報部", "Sent to the Ministry"),
    CaseState.RETURNED: Words("退請補正", "Returned for correction"),
    CaseState.REJECTED: Words("未獲核准", "Not approved"),
    CaseState.APPROVED: Words("教育部核准", "Approved by the Ministry"),
    CaseState.DOCS_PROVIDED: Words("已提供技術文件", "Technical documents provided"),
    CaseState.TESTING: Words("雙方測試中", "Joint tests"),
    CaseState.TESTED: Words("雙方測試成功", "Joint tests passed"),
    CaseState.GO_LIVE_AGREED: Words("已約定上線日期", "Go-live day agreed"),
    CaseState.LIVE: Words("正式上線", "Live"),
    CaseState.SUSPENDED: Words("暫停合作", "Suspended"),
    CaseState.TERMINATED: Words("終止合作", "Terminated"),
    CaseState.WITHDRAWN: Words("撤回", "Withdrawn"),
}
STEPS: Mapping[str, Words] = {
    "X1": Words("開案", "Open a case"),
    "X2": Words("確認資格", "Confirm eligibility"),
    "X3": Words("行文報部", "Send to the Ministry"),
    "X4": Words("退請補正", "Return for correction"),
    "X5": Words("補正後再送", "Send again"),
    "X6": Words("登錄教育部核准", "Record the Ministry's approval"),
    "X7": Words("登錄教育部未核准", "Record the Ministry's refusal"),
    "X8": Words("撤回申請", "Withdraw"),
    "X9": Words("提供技術文件", "Hand over the technical documents"),
    "X10": Words("建立測試用戶端，開始測試", "Make the test client and start the tests"),
    "X11": Words("簽署測試成功", "Sign the test record"),
    "X12": Words("登錄測試未通過", "Record a failed test run"),
    "X13": Words("約定上線日期", "Agree on the go-live day"),
    "X14": Words("更改上線日期", "Move the go-live day"),
    "X15": Words("正式上線", "Go live"),
    "X16": Words("暫停合作", "Suspend"),
    "X17": Words("恢復合作", "Resume"),
    "X18": Words("終止合作", "Terminate"),
    "X19": Words("減少資料項目", "Drop a data item"),
    "X20": Words("開補充申請案", "Open a supplementary case"),
}
PARTIES: Mapping[Party, Words] = {
    Party.APPLICANT: Words("申請單位", "Applicant unit"),
    Party.OFFICER: Words("承辦人", "Officer"),
    Party.ADMIN: Words("全國推廣中心", "National centre"),
    Party.SYSTEM: Words("系統", "System"),
}
FILES: Mapping[AttachmentKind, Words] = {
    AttachmentKind.SCAN_REPORT: Words("系統弱點掃描報告", "Vulnerability scan report"),
    AttachmentKind.PRIVACY_POLICY: Words("隱私權政策宣告內容", "Privacy policy statement"),
    AttachmentKind.SEAL_SCAN: Words("核章後的申請表掃描檔", "Scan of the stamped form"),
    AttachmentKind.APPLICATION_LETTER: Words("報部公文", "Letter to the Ministry"),
    AttachmentKind.APPROVAL_LETTER: Words("教育部回函", "Letter of the Ministry"),
    AttachmentKind.EVIDENCE: Words("其他佐證資料", "Other evidence"),
}
COOPERATION: Mapping[CooperationItem, Words] = {
    CooperationItem.ROAMING: Words("帳號漫遊", "Account roaming"),
    CooperationItem.REPORTING: Words("資訊傳報", "Information reporting"),
}
