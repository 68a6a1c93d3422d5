"""Traditional characters, in which lists from Taiwan, Hong Kong and Macau are written."""

from __future__ import annotations

from typing import Final

# Those that headings, kinds, marks and the names of schools and shops are made of.
_TRADITIONAL: Final = (
    "專業東嚴個臨為爲義樂習鄉亂亞產眾衆傷傳偽體側兒黨關興內農況減幾劃則別辦務動華協單賣佔衛廠廳歷曆縣參雙發臺號啟啓員週啞園圍"
    "國圖場壞壟處備復複頭奪學實審對尋導將層屬歲崗島師帶並廣莊廟應開張當錄態總戲戶擾搶護報擇掛損換據攤數鬥斷無時暫晉術機雜條來"
    "極槍標欄橋檔檢樓橫毆畢匯沒滬測遊灣燈點煙牽狀環現瓊電畫蓋盜監碼確禍離種積稱竊競簽籤類糾紅約級緯納紛線組細終經結繪絡統綜綠"
    "編網職聯聾聰臉藝節蘇範藥營補規計訓議訊記許設證証識話詳語說説請課負責貨質販貫貴貿資賭贛車軌輪輔輛轄遼達過進違適邏郵採裡裏"
    "鐘鐵鈴鋪舖銷鍋錯鎮長門閉問間閒閩陽階險隨隱霧麵項領題飯飲餅館馬駛駐駕驗騷魯鮮齊齡龍雲區寫觀"
)
_SIMPLE: Final = (
    "专业东严个临为为义乐习乡乱亚产众众伤传伪体侧儿党关兴内农况减几划则别办务动华协单卖占卫厂厅历历县参双发台号启启员周哑园围"
    "国图场坏垄处备复复头夺学实审对寻导将层属岁岗岛师带并广庄庙应开张当录态总戏户扰抢护报择挂损换据摊数斗断无时暂晋术机杂条来"
    "极枪标栏桥档检楼横殴毕汇没沪测游湾灯点烟牵状环现琼电画盖盗监码确祸离种积称窃竞签签类纠红约级纬纳纷线组细终经结绘络统综绿"
    "编网职联聋聪脸艺节苏范药营补规计训议讯记许设证证识话详语说说请课负责货质贩贯贵贸资赌赣车轨轮辅辆辖辽达过进违适逻邮采里里"
    "钟铁铃铺铺销锅错镇长门闭问间闲闽阳阶险随隐雾面项领题饭饮饼馆马驶驻驾验骚鲁鲜齐龄龙云区写观"
)
_TO_SIMPLE: Final = str.maketrans(_TRADITIONAL, _SIMPLE)


def simplify(text: str) -> str:
    """
    Write the traditional characters of a text that lists are made of as simplified ones.

    Examples
    --------
    >>> simplify("學校名稱"), simplify("電子遊戲場"), simplify("lon")
    ('学校名称', '电子游戏场', 'lon')
    """
    return text if text.isascii() else text.translate(_TO_SIMPLE)
